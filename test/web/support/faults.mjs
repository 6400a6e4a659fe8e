// Fault injection: scripts that run in a Worker before its own, and an engine that traps at its first
// frame.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folders } from './folders.mjs';

/**
 * The server's answers that make `spoiler` run before the package's script `file`. The query lets the
 * spoiler import the script itself, and the script its neighbours.
 */
export function spoiled(file, spoiler) {
  return {
    [`/spoilers/${file}`]: { body: spoiler },
    [`/faulty/${file}`]: { body: `import '/spoilers/${file}';\nimport '/faulty/${file}?itself';` },
  };
}

const size = (bytes) => [bytes.length, ...bytes];
const section = (id, bytes) => [id, ...leb(bytes.length), ...bytes];
const vector = (items) => [...leb(items.length), ...items.flat()];
const text = (name) => size([...Buffer.from(name)]);

function leb(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >> 7)];
}

const kinds = { function: 0, memory: 2 };
const functions = { answerZero: 0, answerAddress: 1, trap: 2, clear: 3 };

function functionFor(name) {
  if (name === 'backdrop_process') return functions.trap;
  if (name === 'backdrop_get_model_info') return functions.clear;
  return /create|allocate|last_error/.test(name) ? functions.answerAddress : functions.answerZero;
}

/** A module with the same exports as this variant's that traps when it processes a frame. */
export function trappingModule(variant) {
  const path = join(folders.package, `dist/wasm/${variant}.wasm`);
  const exports = WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(path)));
  const [i32, end] = [0x7f, 0x0b];
  const body = (...code) => size([0, ...code, end]);
  const address = [0x41, 0x80, 0x08];
  const memoryFill = [0xfc, 0x0b, 0x00];
  const bodies = [
    body(0x41, 0),
    body(...address),
    body(0x00),
    body(...address, 0x41, 0, 0x41, 0xc0, 0x00, ...memoryFill, 0x41, 0),
  ];
  return Buffer.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector([[0x60, 0, 1, i32]])),
    ...section(3, vector(bodies.map(() => [0]))),
    ...section(5, vector([[0, ...leb(256)]])),
    ...section(
      7,
      vector(
        exports.map(({ name, kind }) => [
          ...text(name),
          kinds[kind],
          kind === 'memory' ? 0 : functionFor(name),
        ]),
      ),
    ),
    ...section(10, vector(bodies)),
  ]);
}
