// What a loaded model holds, natively and in WebAssembly.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folders } from '../test/web/support/folders.mjs';
import { pathOf } from '../web/package/bin/models.mjs';
import { loadModule } from '../web/package/bin/node.mjs';
import { printTable } from './report.mjs';

const program = join(folders.root, 'build/native/bench/memory/backdrop_memory');

function measureNatively(path) {
  return JSON.parse(execFileSync(program, [path], { stdio: ['ignore', 'pipe', 'inherit'] }));
}

/** A module that is given no platform: loading a model calls none of its functions. */
async function instantiate(module) {
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    (imports[from] ??= {})[name] = () => 0;
  }
  const { exports } = await WebAssembly.instantiate(module, imports);
  exports._initialize?.();
  return exports;
}

/** The size of the module's memory, which never shrinks: its peak, with the file in it while it is read. */
async function measureModule(path) {
  const engine = await instantiate(await loadModule('simd'));
  const bytes = readFileSync(path);
  const place = engine.backdrop_allocate(bytes.length);
  new Uint8Array(engine.memory.buffer, place, bytes.length).set(bytes);
  const handle = engine.backdrop_create_abi(1, 1);
  const status = engine.backdrop_load_model(handle, place, bytes.length, 0);
  if (status !== 0) throw new Error(`${path} could not be loaded`);
  engine.backdrop_free(place);
  const tensors = engine.backdrop_allocate(8);
  engine.backdrop_get_tensors(handle, tensors, tensors + 4);
  return engine.memory.buffer.byteLength;
}

const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

export async function printMemory(models) {
  const rows = [];
  for (const model of models) {
    const { file, held, peak } = measureNatively(pathOf(model));
    const module = await measureModule(pathOf(model));
    rows.push([model.id, ...[file, held, peak, module].map(megabytes)]);
  }
  printTable(
    'Memory of a loaded model',
    ['model', 'file', 'held natively', 'peak natively while loading', 'the module, file included'],
    rows,
  );
}
