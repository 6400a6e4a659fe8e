// What a frame takes besides inference, and what the learned room takes of that. Alone:
//   node bench/web/stages.mjs
import { fileURLToPath } from 'node:url';
import { models, pathOf } from '../../web/package/bin/models.mjs';
import { median, printTable } from '../report.mjs';
import { BenchBrowser } from './bench-browser.mjs';
import { bundlePackage } from './bundle.mjs';

const model = models.find(({ id }) => id === 'mlkit');
const sizes = [
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
];
const runs = sizes.flatMap((size) => [{ size }, { size, without: true }]);
const stages = ['sample', 'matte', 'composite'];

const sum = (statistics) => stages.reduce((total, stage) => total + statistics[stage], 0);
const titleOf = ({ size: { width, height }, without }) =>
  `${width}x${height}${without ? ' without room and filter' : ''}`;

export async function printStages(browser, rounds) {
  if (!pathOf(model)) {
    console.log(`\n${model.id} is not installed: the frame's own work is skipped`);
    return;
  }
  const measured = await browser.call('stages', 'relaxed', model, runs, rounds);
  const cells = (valueOf) => measured.map((frames) => median(frames.map(valueOf)).toFixed(2));
  const [small, , large] = measured;
  const ratios = large.map((statistics, round) => sum(statistics) / sum(small[round]));
  printTable(
    "A frame's own work: I420 with blur, relaxed, one thread, medians in milliseconds",
    ['stage', ...runs.map(titleOf)],
    [
      ...stages.map((stage) => [stage, ...cells((statistics) => statistics[stage])]),
      ['**all but inference**', ...cells(sum)],
      ['infer', ...cells((statistics) => statistics.infer)],
    ],
  );
  console.log(`\nThe larger takes ${median(ratios).toFixed(2)} times as long as the smaller.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundlePackage();
  const browser = await BenchBrowser.launch();
  try {
    await printStages(browser, 300);
  } finally {
    await browser.close();
  }
}
