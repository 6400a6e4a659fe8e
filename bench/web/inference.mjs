// One inference of each runtime in turn.
import { peers, runs } from './peers.mjs';

/** What runs in turn on so many threads, and of what ratios are taken: a peer and a variant. */
const sessions = [
  {
    threads: 1,
    pairs: [
      ['stream', 'simd'],
      ['stream', 'relaxed'],
      ['hms-scalar', 'scalar'],
      ['litert', 'simd'],
      ['litert', 'relaxed'],
      ['ort', 'simd'],
      ['ort', 'relaxed'],
    ],
  },
  {
    threads: 2,
    pairs: [
      ['stream', 'relaxed'],
      ['litert', 'relaxed'],
      ['ort', 'relaxed'],
    ],
  },
];

async function compareOn(threads, pairs, browser, model, { rounds, mostMilliseconds }) {
  const compared = pairs.filter(([peer]) => runs(peer, model));
  const names = [...new Set(compared.flat())];
  const samples = await browser.call('interleave', names, threads, model, rounds, mostMilliseconds);
  const times = Object.fromEntries(names.map((name, i) => [name, samples[i]]));
  return compared.map(([peer, variant]) => ({
    model: model.id,
    variant,
    threads,
    peer: peers[peer].title,
    ours: times[variant],
    theirs: times[peer],
  }));
}

/**
 * @param {{ rounds: number, mostMilliseconds: number }} limits a large network has fewer rounds
 * @returns {Promise<import('../report.mjs').Comparison[]>}
 */
export async function compareInBrowser(browser, model, limits) {
  const comparisons = [];
  for (const { threads, pairs } of sessions) {
    comparisons.push(...(await compareOn(threads, pairs, browser, model, limits)));
  }
  return comparisons;
}
