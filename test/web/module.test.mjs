// The WebAssembly modules: what they import and export, and how large they are.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { loadModule } from '../../web/package/bin/node.mjs';
import { Engine, moduleUrl } from '../../web/package/dist/index.js';
import { folders } from './support/folders.mjs';

const dist = join(folders.package, 'dist');
const header = readFileSync(join(folders.root, 'include/backdrop/backdrop.h'), 'utf8');
const functionsHeader = readFileSync(join(folders.root, 'engine/platform/gl_functions.h'), 'utf8');
const declared = [...header.matchAll(/^BACKDROP_API [^(]*?(backdrop_\w+)\(/gm)].map(
  ([, name]) => name,
);
// Without the single file, which has a module and these scripts in it.
const scripts = readdirSync(dist, { recursive: true }).filter(
  (name) => name.endsWith('.js') && name !== 'single.js',
);

const compressed = (name) => brotliCompressSync(readFileSync(join(dist, name))).length;

const clock = { module: 'backdrop', name: 'now', kind: 'function' };
const gl = [...functionsHeader.matchAll(/^ +X\(\w+, (\w+),/gm)].map(([, name]) => name);
const ofGl = [...gl, 'GetBufferSubData'].map((name) => ({ module: 'gl', name, kind: 'function' }));
const memory = { module: 'env', name: 'memory', kind: 'memory' };
// Not part of the header: a thread enters the module through these, on its own stack.
const forThreads = ['__stack_pointer', 'backdrop_thread_main'];

for (const [variant, threaded] of [
  ['scalar', false],
  ['simd', false],
  ['relaxed', false],
  ['simd', true],
  ['relaxed', true],
]) {
  const file = basename(moduleUrl(variant, threaded).pathname);
  describe(`the module ${file}`, () => {
    it(`imports nothing but a clock, WebGL${threaded ? ' and its memory' : ''}`, async () => {
      const imports = WebAssembly.Module.imports(await loadModule(variant, threaded));
      const byName = (list) =>
        list.map(({ module, name, kind }) => `${module}.${name} ${kind}`).sort();
      assert.ok(gl.length > 40);
      const wanted = [clock, ...ofGl, ...(threaded ? [memory] : [])];
      assert.deepEqual(byName(imports), byName(wanted));
    });

    it('exports the functions of the header, and what every module has', async () => {
      const exports = WebAssembly.Module.exports(await loadModule(variant, threaded));
      assert.ok(declared.length > 10);
      assert.deepEqual(
        exports.map(({ name }) => name).sort(),
        [...declared, '_initialize', ...(threaded ? forThreads : ['memory'])].sort(),
      );
    });

    it('takes the memory that the package gives it', async () => {
      const engine = await Engine.create(await loadModule(variant, threaded));
      assert.equal(engine.threads, 1);
      const { bytes } = engine.frame('RGBA', 640, 480);
      assert.equal(bytes.buffer instanceof SharedArrayBuffer, threaded);
    });

    it('is at most 115 KiB in brotli', (test) => {
      const size = compressed(`wasm/${file}`);
      const total = scripts.map(compressed).reduce((sum, each) => sum + each, size);
      test.diagnostic(`${size} bytes, with its JavaScript ${total}`);
      assert.ok(size <= 115 * 1024);
    });
  });
}
