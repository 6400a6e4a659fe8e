// Where a network's time goes: a table and a plot of a profile (bench/profile/profile.h).
import { printTable } from './report.mjs';
import { bar, document, line, text } from './svg.mjs';

/** With a digit more where it would be 0 or of one digit. */
const percent = (share) => `${(100 * share).toFixed(share < 0.0095 ? 2 : share < 0.095 ? 1 : 0)} %`;

/** Billions of multiply-accumulates a second, or undefined for what has none. */
const rateOf = ({ multiply_accumulates: work, milliseconds }) =>
  work === 0 ? undefined : work / milliseconds / 1e6;

const shapeOf = ([height, width, channels]) => `${width}x${height}x${channels}`;

const sumOf = (steps, member) => steps.reduce((sum, step) => sum + step[member], 0);

/** Prints each operation's time, rate and shares of the whole and of the peak. */
export function printProfile(title, { peak, milliseconds, steps }) {
  const total = sumOf(steps, 'milliseconds');
  const rows = steps.map((step) => [
    step.operation,
    `${shapeOf(step.input)} → ${shapeOf(step.output)}`,
    step.milliseconds.toFixed(3),
    percent(step.milliseconds / total),
    rateOf(step)?.toFixed(1) ?? '–',
    rateOf(step) ? percent(step.share) : '–',
  ]);
  const work = sumOf(steps, 'multiply_accumulates');
  const rate = work / total / 1e6;
  const whole = ['**all**', '', total.toFixed(3), '', rate.toFixed(1), percent(rate / peak)];
  printTable(
    `Operations of ${title}: peak ${peak.toFixed(1)} GMAC/s, a whole run ${milliseconds.toFixed(2)} ms`,
    ['operation', 'shapes', 'ms', 'of the time', 'GMAC/s', 'of the peak'],
    [...rows, whole],
  );
}

/** What an operation is in the plot, by its name. */
const kinds = [
  { title: 'several in one', className: 'c4', fits: / > / },
  { title: 'convolution 1x1', className: 'c0', fits: /^conv 1x1/ },
  { title: 'other convolution', className: 'c1', fits: /^(conv|transposed) / },
  { title: 'depthwise', className: 'c2', fits: /^depthwise / },
  { title: 'no multiply-accumulates', className: 'c3', fits: /^/ },
];

const frame = { width: 960, height: 360, left: 56, right: 16, top: 64, bottom: 48 };

/** Each operation as a bar: as wide as its time, as high as its share of the peak. */
export function plotProfile(title, { peak, steps }) {
  const { width, height, left, right, top, bottom } = frame;
  const base = height - bottom;
  const perMillisecond = (width - left - right) / sumOf(steps, 'milliseconds');
  const heightOf = (share) => (base - top) * Math.min(share, 1);
  let x = left;
  const bars = steps.map((step) => {
    const { className } = kinds.find(({ fits }) => fits.test(step.operation));
    const [from, wide] = [x, step.milliseconds * perMillisecond];
    x += wide;
    const tall = Math.max(heightOf(step.share), 3);
    const hint = `${step.operation}, ${shapeOf(step.output)}: ${step.milliseconds.toFixed(3)} ms, ${percent(step.share)}`;
    return bar(from, base - tall, Math.max(wide - 0.5, 0.5), tall, className, hint);
  });
  const levels = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    line(left, base - heightOf(share), width - right, base - heightOf(share)),
    text(left - 8, base - heightOf(share) + 4, percent(share), { 'text-anchor': 'end' }),
  ]);
  const legend = kinds.flatMap((kind, i) => [
    bar(left + 170 * i, 38, 10, 10, kind.className, kind.title),
    text(left + 170 * i + 16, 47, kind.title),
  ]);
  const caption = `time, ${sumOf(steps, 'milliseconds').toFixed(2)} ms; height: share of the peak of ${peak.toFixed(1)} GMAC/s`;
  const footer = text(left, height - 16, caption, { class: 'quiet' });
  return document(width, height, `${title}, operation by operation`, [
    ...levels,
    ...bars,
    ...legend,
    footer,
  ]);
}
