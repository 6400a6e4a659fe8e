// A plot of how the engine compares with each peer.
import { resultOf } from './report.mjs';
import { bar, document, line, text } from './svg.mjs';

const rowHeight = 18;
const top = 44;
const letterWidth = 6.6;
const longestBar = 400;
const valueWidth = 64;

const labelOf = ({ model, variant, threads, peer }) =>
  `${model}, ${variant}${threads > 1 ? `, ${threads} threads` : ''} · ${peer}`;

/**
 * A bar for each comparison, as long as its ratio; the line at 1 is the peer. The axis goes to the
 * largest ratio, and to 1 at least.
 */
export function plotRatios(comparisons) {
  const results = comparisons.map(resultOf);
  const labels = results.map(labelOf);
  const left = Math.ceil(24 + letterWidth * Math.max(...labels.map(({ length }) => length)));
  const perUnit = longestBar / Math.max(1, ...results.map(({ ratio }) => ratio));
  const peers = [...new Set(results.map(({ peer }) => peer))];
  const rows = results.flatMap(({ peer, ratio }, i) => {
    const y = top + i * rowHeight;
    const label = labels[i];
    return [
      text(left - 8, y + 11, label, { 'text-anchor': 'end' }),
      bar(
        left,
        y,
        ratio * perUnit,
        rowHeight - 4,
        `c${peers.indexOf(peer) % 6}`,
        `${label}: ${ratio}`,
      ),
      text(left + ratio * perUnit + 6, y + 11, ratio.toFixed(2)),
    ];
  });
  const bottom = top + results.length * rowHeight;
  const peer = line(left + perUnit, top - 6, left + perUnit, bottom);
  const width = left + longestBar + valueWidth;
  return document(width, bottom + 16, "One inference: its time as a share of the peer's", [
    ...rows,
    peer,
  ]);
}
