// Measures whole pipelines in headless Chromium without a GPU, camera to video element, against
// @twilio/video-processors: frames a second, and CPU time a frame over all of the browser's processes.
// PIPELINE_SECONDS, PIPELINE_ROUNDS and PIPELINE_THREADS=1 (CPU by thread, too) change what it does.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { folders } from '../../test/web/support/folders.mjs';
import { serve } from '../../test/web/support/server.mjs';
import { models, pathOf } from '../../web/package/bin/models.mjs';
import { launchWithCamera } from './camera.mjs';
import { cpuByThread, cpuMilliseconds } from './processes.mjs';
import { median, printTable, quantile } from '../report.mjs';

const seconds = Number(process.env.PIPELINE_SECONDS ?? 10);
const rounds = Number(process.env.PIPELINE_ROUNDS ?? 5);
const tellsThreads = process.env.PIPELINE_THREADS === '1';
const warmUpSeconds = 3;

const baseline = 'none';
/** Each pipeline, and the one of Twilio's that it is compared with: by its name, all else is the same. */
const peers = {
  'engine blur': 'twilio blur',
  'engine picture': 'twilio picture',
  'multiclass blur': 'twilio blur',
  'canvas2d blur': 'twilio blur',
  'twilio blur': 'twilio blur',
  'twilio picture': 'twilio picture',
};

async function read(page) {
  const frames = await page.evaluate(() => globalThis.backdropPipelines.frames());
  return { at: performance.now(), frames, cpu: cpuMilliseconds(), threads: cpuByThread() };
}

/** Runs the pipeline in a browser of its own: what it did while it was watched. */
async function measure(address, name) {
  const browser = await launchWithCamera();
  try {
    const page = await browser.newPage();
    await page.goto(`${address}/bench/web/pipelines.html`);
    await page.waitForFunction(() => globalThis.backdropPipelines);
    await page.evaluate((name) => globalThis.backdropPipelines.start(name), name);
    await sleep(1000 * warmUpSeconds);
    const before = await read(page);
    await sleep(1000 * seconds);
    const after = await read(page);
    const threads = [...after.threads].map(([key, cpu]) => [
      key,
      cpu - (before.threads.get(key) ?? 0),
    ]);
    const delivered = after.frames.delivered - before.frames.delivered;
    return {
      taken: after.frames.taken - before.frames.taken,
      delivered,
      interval: after.frames.interval,
      fps: (1000 * delivered) / (after.at - before.at),
      cpu: after.cpu - before.cpu,
      threads: new Map(threads),
    };
  } finally {
    await browser.close();
  }
}

/** Each pipeline in turn: the results by name. */
async function measureRound(address) {
  const results = {};
  for (const name of [baseline, ...Object.keys(peers)]) {
    results[name] = await measure(address, name);
  }
  return results;
}

/**
 * Milliseconds of CPU a delivered frame, less what the page without processing takes for as many
 * frames of the camera. By frames, and not by seconds, as a busy machine slows the camera, too.
 */
function perFrame(results, name) {
  const { cpu, taken, delivered } = results[name];
  const idle = results[baseline].cpu / results[baseline].taken;
  return (cpu - idle * taken) / delivered;
}

function quartiles(values, digits) {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((q) => quantile(values, q).toFixed(digits));
  return `**${middle}** (${low}–${high})`;
}

function rowOf(name, measured) {
  const costs = measured.map((results) => perFrame(results, name));
  const ratios = measured.map((results, i) => costs[i] / perFrame(results, peers[name]));
  const fps = measured.map((results) => results[name].fps);
  const intervals = measured.map((results) => results[name].interval).filter(Boolean);
  const interval = intervals.length > 0 ? median(intervals) : '';
  return [name, quartiles(fps, 1), quartiles(costs, 1), quartiles(ratios, 2), interval];
}

/** What each thread took in a pipeline and in the page without one: the median of the rounds. */
function threadRows(name, measured) {
  const costOf = (key, which) =>
    median(
      measured.map((results) => (results[which].threads.get(key) ?? 0) / results[which].delivered),
    );
  const keys = new Set(measured.flatMap((results) => [...results[name].threads.keys()]));
  return [...keys]
    .map((key) => [key, costOf(key, name), costOf(key, baseline)])
    .filter(([, cost, without]) => Math.max(cost, without) >= 0.1)
    .sort(([, a], [, b]) => b - a)
    .map(([key, ...costs]) => [key, ...costs.map((cost) => cost.toFixed(2))]);
}

const used = models.filter(({ id }) => ['selfie-landscape', 'selfie-multiclass'].includes(id));
const missing = used.filter((model) => !pathOf(model)).map(({ id }) => id);
if (missing.length > 0) {
  console.log(`not installed: ${missing.join(', ')}; whole pipelines are skipped`);
  process.exit();
}
const twilio = new URL('node_modules/@twilio/video-processors/dist/build/', import.meta.url);
const server = await serve({
  ...Object.fromEntries(used.map((model) => [`/models/${model.file}`, pathOf(model)])),
  '/twilio/': fileURLToPath(twilio),
  '/': folders.root,
});
try {
  const measured = [];
  for (let round = 0; round < rounds; ++round) {
    measured.push(await measureRound(server.address));
  }
  const none = measured.map((results) => results[baseline]);
  printTable(
    `Whole pipelines, 1280x720 at 30 fps, no GPU: medians (quartiles) of ${rounds} rounds of ${seconds} s`,
    ['pipeline', 'fps delivered', 'CPU ms a frame', "ratio to Twilio's CPU", 'frames a mask'],
    Object.keys(peers).map((name) => rowOf(name, measured)),
  );
  console.log(
    `\nThe page without processing: ${quartiles(
      none.map(({ fps }) => fps),
      1,
    )} fps, ` +
      `${quartiles(
        none.map(({ cpu, delivered }) => cpu / delivered),
        1,
      )} ms of CPU a frame.`,
  );
  for (const name of tellsThreads ? Object.keys(peers) : []) {
    printTable(
      `CPU ms a frame by process and thread: ${name}`,
      ['process: thread', 'with it', 'without'],
      threadRows(name, measured),
    );
  }
} finally {
  server.close();
}
