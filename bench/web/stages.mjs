// What a frame takes besides inference.
import { models, pathOf } from '../../web/package/bin/models.mjs';
import { median, printTable } from '../report.mjs';

const model = models.find(({ id }) => id === 'selfie-landscape');
const sizes = [
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
];
const stages = ['sample', 'matte', 'composite'];

const sum = (statistics) => stages.reduce((total, stage) => total + statistics[stage], 0);

export async function printStages(browser, rounds) {
  if (!pathOf(model)) {
    console.log(`\n${model.id} is not installed: the frame's own work is skipped`);
    return;
  }
  const measured = await browser.call('stages', 'relaxed', model, sizes, rounds);
  const cells = (valueOf) => measured.map((frames) => median(frames.map(valueOf)).toFixed(2));
  const [small, large] = measured;
  const ratios = large.map((statistics, round) => sum(statistics) / sum(small[round]));
  printTable(
    "A frame's own work: I420 with blur, relaxed, one thread, medians in milliseconds",
    ['stage', ...sizes.map(({ width, height }) => `${width}x${height}`)],
    [
      ...stages.map((stage) => [stage, ...cells((statistics) => statistics[stage])]),
      ['**all but inference**', ...cells(sum)],
      ['infer', ...cells((statistics) => statistics.infer)],
    ],
  );
  console.log(`\nThe larger takes ${median(ratios).toFixed(2)} times as long as the smaller.`);
}
