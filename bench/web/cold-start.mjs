// From nothing to the first output, in a fresh page.
import { median, printTable } from '../report.mjs';
import { peers, runs } from './peers.mjs';

const starts = 9;
const theirs = ['stream', 'hms', 'litert', 'ort'];
const ours = ['simd', 'relaxed'];

async function measure(browser, model) {
  const runtimes = [...theirs.filter((peer) => runs(peer, model)), ...ours];
  const times = Object.fromEntries(runtimes.map((name) => [name, []]));
  for (let start = 0; start < starts; ++start) {
    for (const name of runtimes) times[name].push(await browser.call('firstOutput', name, model));
  }
  return times;
}

function rowOf(model, times) {
  const fastest = Math.min(
    ...theirs.filter((peer) => times[peer]).map((peer) => median(times[peer])),
  );
  const cells = [...theirs, ...ours].map((name) =>
    times[name] ? median(times[name]).toFixed(0) : '–',
  );
  const ratios = ours.map((name) => `**${(median(times[name]) / fastest).toFixed(2)}**`);
  return [model.id, ...cells, ...ratios];
}

export async function printColdStart(browser, models) {
  const rows = [];
  for (const model of models) rows.push(rowOf(model, await measure(browser, model)));
  printTable(
    `From nothing to the first matte: milliseconds, medians of ${starts} in turn, and to the fastest peer`,
    [
      'model',
      ...theirs.map((peer) => peers[peer].title),
      ...ours,
      ...ours.map((name) => `${name}, ratio`),
    ],
    rows,
  );
}
