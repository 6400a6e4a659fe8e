// The engine in Node.
import { readFileSync } from 'node:fs';
import v8 from 'node:v8';
import { Engine, modelOptions, moduleUrl, supports } from '../dist/index.js';
import { models, pathOf } from './models.mjs';

/**
 * An engine of the variant, with a model of the catalogue by its id or any other by its path.
 * `options` are options of the model.
 */
export async function loadEngine(variant, model, options = {}) {
  const entry = models.find(({ id }) => id === model);
  const path = entry ? pathOf(entry) : model;
  if (!path) throw new Error(`the model '${model}' is not installed: ${entry.file} is missing`);
  const engine = await Engine.create(await loadModule(variant));
  const tflite = readFile(path);
  atPath(path, () => engine.loadModel(tflite, { ...(entry && modelOptions(entry)), ...options }));
  return engine;
}

/** Reads and compiles a variant's module, for one thread or several. */
export async function loadModule(variant, threaded = false) {
  // Node 20 has relaxed SIMD behind an option.
  if (!supports(variant)) v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
  if (!supports(variant)) throw new Error(`this Node cannot run the variant '${variant}'`);
  return WebAssembly.compile(readFileSync(moduleUrl(variant, threaded)));
}

export function readFile(path) {
  return atPath(path, () => readFileSync(path));
}

/** Runs `action` and names the path in its error. */
export function atPath(path, action) {
  try {
    return action();
  } catch (error) {
    // 'ENOENT: no such file or directory, open …' without its code and call
    const text = error.syscall ? error.message.replace(/^\w+: (.*?), .*$/s, '$1') : error.message;
    throw new Error(`${path}: ${text}`, { cause: error });
  }
}
