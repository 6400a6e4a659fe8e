// Writes src/engine/abi.ts: the enumerators, struct layouts, ranges and defaults of backdrop.h, as
// the compiler has them on wasm32. `npm run abi --workspace @backdrop/web` after a change of the header; a test compares.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const root = new URL('../../../', import.meta.url);
const header = new URL('include/backdrop/backdrop.h', root);
const table = new URL('build/wasm-simd/web/wasm/backdrop_abi.wasm', root);

export const target = new URL('../src/engine/abi.ts', import.meta.url);

/** The list of each enum's words, and what of its enumerators' names is no word. */
const enums = {
  backdrop_status: ['statuses', /^BACKDROP_(ERROR_)?/],
  backdrop_format: ['formats', /^BACKDROP_/],
  backdrop_color_space: ['colorSpaces', /^BACKDROP_/],
  backdrop_output: ['outputKinds', /^BACKDROP_OUTPUT_/],
  backdrop_channel_order: ['channelOrders', /^BACKDROP_CHANNELS_/],
  backdrop_precision: ['precisions', /^BACKDROP_PRECISION_/],
  backdrop_fit: ['fits', /^BACKDROP_FIT_/],
  backdrop_refinement: ['refinementKinds', /^BACKDROP_REFINEMENT_/],
  backdrop_blend_mode: ['blendModes', /^BACKDROP_BLEND_/],
};

const structs = {
  backdrop_image: 'imageStruct',
  backdrop_texture: 'textureStruct',
  backdrop_model_options: 'modelOptionsStruct',
  backdrop_model_info: 'modelInfoStruct',
  backdrop_statistics: 'statisticsStruct',
};

/**
 * What the header declares and the package has no use for: the version is the package's own, and no
 * VideoFrame comes as YUY2; RGBX and BGRX are made opaque when they are copied.
 */
const unused = /^BACKDROP_(VERSION_\w+|ALIGNMENT|YUY2|RGBX|BGRX)$/;

/** The rows of the table in web/wasm/abi.cpp. */
async function readTable() {
  if (!existsSync(table)) {
    throw new Error(`${fileURLToPath(table)} is missing: cmake --build --preset wasm-simd`);
  }
  const { instance } = await WebAssembly.instantiate(readFileSync(table));
  const { memory, backdrop_abi: start } = instance.exports;
  const view = new DataView(memory.buffer);
  const bytes = new Uint8Array(memory.buffer);
  const text = (at) => new TextDecoder().decode(bytes.slice(at, bytes.indexOf(0, at)));
  const rows = [];
  for (let at = start.value; view.getUint32(at, true) !== 0; at += 16) {
    const [group, name] = [0, 4].map((offset) => text(view.getUint32(at + offset, true)));
    rows.push({ group, name, value: view.getFloat64(at + 8, true) });
  }
  return rows;
}

/** What the header declares, as `group.name`. */
function declarations() {
  const text = readFileSync(header, 'utf8');
  const found = [...text.matchAll(/^#define (BACKDROP_\w+) [\d.]+f?\b/gm)]
    .map(([, name]) => name)
    .filter((name) => !unused.test(name))
    .map((name) => `macro.${name}`);
  for (const [, group, body] of text.matchAll(/^typedef enum (\w+) \{(.*?)^\}/gms)) {
    const names = [...body.matchAll(/^ +(\w+) = /gm)].map(([, name]) => name);
    found.push(...names.filter((name) => !unused.test(name)).map((name) => `${group}.${name}`));
  }
  for (const [, group, body] of text.matchAll(/^typedef struct (\w+) \{(.*?)^\}/gms)) {
    if (!(group in structs)) continue;
    const fields = body.replace(/\/\/.*$/gm, '').matchAll(/^ +\w+\*? (\w+(\[\d+\])?(, \w+)*);/gm);
    for (const [, names] of fields) {
      found.push(...names.split(', ').map((name) => `${group}.${name.replace(/\[.*/, '')}`));
    }
  }
  return found;
}

function checkIsComplete(rows) {
  const known = new Set(rows.map(({ group, name }) => `${group}.${name}`));
  const missing = declarations().filter((name) => !known.has(name));
  if (missing.length > 0) throw new Error(`web/wasm/abi.cpp lacks ${missing.join(', ')}`);
}

const camelCase = (name) =>
  name.toLowerCase().replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

/** The shortest number that is the same `float`. */
function shortest(value) {
  if (Number.isInteger(value)) return value;
  for (let digits = 1; ; ++digits) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
}

function wordList(rows, group, [name, prefix]) {
  const members = rows.filter((row) => row.group === group);
  const words = members.map((row) => row.name.replace(prefix, ''));
  if (members.some(({ value }, index) => value !== index)) {
    throw new Error(`the enumerators of ${group} are not numbered from 0 without gaps`);
  }
  // WebCodecs names formats in capitals.
  const spelled =
    name === 'formats' ? words : words.map((word) => word.toLowerCase().replaceAll('_', '-'));
  return `/** ${group}, by number. */\nexport const ${name} = ${JSON.stringify(spelled)} as const;\n`;
}

const objectOf = (rows, nameOf, valueOf = ({ value }) => value) =>
  JSON.stringify(Object.fromEntries(rows.map((row) => [nameOf(row.name), valueOf(row)])));

/** The text that src/engine/abi.ts is to have. */
export async function abiSource() {
  const rows = await readTable();
  checkIsComplete(rows);
  const of = (wanted) => rows.filter(({ group }) => group === wanted);
  const macros = of('macro').filter(({ name }) => !unused.test(name));
  const parts = [
    '// Written by bin/abi.mjs from include/backdrop/backdrop.h: do not edit.\n',
    ...Object.entries(enums).map(([group, rule]) => wordList(rows, group, rule)),
    ...Object.entries(structs).map(
      ([group, name]) =>
        `/** ${group}: its size and its fields' offsets in bytes. */\nexport const ${name} = ${objectOf(of(group), camelCase)} as const;\n`,
    ),
    `/** Ranges, both ends included, and defaults of a new engine. */\nexport const limits = ${objectOf(
      macros,
      (name) => camelCase(name.replace('BACKDROP_', '')),
      ({ value }) => shortest(value),
    )} as const;\n`,
  ];
  const options = await resolveConfig(fileURLToPath(target));
  return format(parts.join('\n'), { ...options, parser: 'typescript' });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(target, await abiSource());
}
