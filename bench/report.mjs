// Quantiles, ratios, and tables in Markdown.
import { renameSync, rmSync, writeFileSync } from 'node:fs';

export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
}

export const median = (values) => quantile(values, 0.5);

export function printTable(title, head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  console.log(`\n### ${title}\n`);
  console.log([line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n'));
}

/**
 * How long ours and a peer's took, in milliseconds, round by round.
 * @typedef {{
 *   model: string, variant: string, threads: number, peer: string, ours: number[], theirs: number[],
 * }} Comparison
 */

const ratiosOf = ({ ours, theirs }) => ours.map((time, round) => time / theirs[round]);

const rounded = (value) => Number(value.toFixed(4));

/** Medians; the ratio is that of the ratios of each round. Below 1 ours is the faster. */
export function resultOf(comparison) {
  const { model, variant, threads, peer, ours, theirs } = comparison;
  return {
    model,
    variant,
    threads,
    peer,
    ours_ms: rounded(median(ours)),
    peer_ms: rounded(median(theirs)),
    ratio: rounded(median(ratiosOf(comparison))),
  };
}

/** Prints the comparisons with the ratios' quartiles. */
export function printComparisons(title, comparisons) {
  const rows = comparisons.map((comparison) => {
    const { model, variant, threads, peer, ours_ms, peer_ms, ratio } = resultOf(comparison);
    const [low, high] = [0.25, 0.75].map((q) => quantile(ratiosOf(comparison), q).toFixed(2));
    return [
      model,
      variant,
      threads,
      peer,
      ours_ms.toFixed(2),
      peer_ms.toFixed(2),
      `**${ratio.toFixed(2)}** (${low}–${high})`,
      comparison.ours.length,
    ];
  });
  const head = ['model', 'variant', 'threads', 'peer', 'ours, ms', 'peer, ms', 'ratio', 'rounds'];
  printTable(title, head, rows);
}

/** Writes all of the file or leaves it as it was. */
export function writeWhole(path, text) {
  const unfinished = `${path}.part`;
  try {
    writeFileSync(unfinished, text);
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

export const jsonOf = (comparisons) => `${JSON.stringify(comparisons.map(resultOf), null, 2)}\n`;
