// What `./run bench` is told.
import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';

/** The networks that are measured unless told, by their ids in the catalogue. */
const usual = [
  'meet-full',
  'meet-lite',
  'mlkit',
  'selfie-landscape',
  'bodypix',
  'deeplab',
  'selfie-multiclass',
];
const mostRounds = 100_000;

export const help = `Usage: ./run bench [--all] [--json FILE] [--models ID,ID...] [--rounds N]

Measures the engine beside other runtimes, in headless Chromium and natively, and prints tables in
Markdown, in less than ten minutes. Plots go to build/bench.

  --all            more rounds, and all other tables, too: each stage and operation, the pipelines
                   on a page, the package from the start of a page; that takes an hour
  --json FILE      write the ratios to FILE, too: an array of objects with model, variant, threads,
                   peer, ours_ms, peer_ms and ratio
  --models IDS     only these networks; unless told ${usual.slice(0, 4).join(', ')},
                   ${usual.slice(4).join(', ')}
  --rounds N       rounds of each comparison, 60 unless told, 200 with --all; a large network has
                   fewer
`;

const catalogue = new URL('../catalogue/models.json', import.meta.url);

function parseModels(text) {
  const known = JSON.parse(readFileSync(catalogue)).models.map(({ id }) => id);
  const ids = text.split(',');
  const unknown = ids.find((id) => !known.includes(id));
  if (unknown !== undefined) {
    throw new Error(`--models: there is no model '${unknown}'; there are ${known.join(', ')}`);
  }
  return [...new Set(ids)];
}

function parseRounds(text) {
  const rounds = Number(text);
  if (!/^\d+$/.test(text) || rounds < 1 || rounds > mostRounds) {
    throw new Error(
      `--rounds is '${text}', where a whole number from 1 to ${mostRounds} is allowed`,
    );
  }
  return rounds;
}

function checkFile(path) {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(`--json: ${path} is a folder`);
  }
  if (!statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(`--json: there is no folder ${dirname(path)}`);
  }
  return path;
}

/** What the arguments say; throws an Error of one line when that is nothing sensible. */
export function parseOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      all: { type: 'boolean', default: false },
      json: { type: 'string' },
      models: { type: 'string', default: usual.join(',') },
      rounds: { type: 'string' },
    },
  });
  return {
    help: values.help,
    all: values.all,
    json: values.json === undefined ? undefined : checkFile(values.json),
    models: parseModels(values.models),
    rounds: parseRounds(values.rounds ?? (values.all ? '200' : '60')),
  };
}
