// The WebAssembly modules: what they import and export, and how large they are.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { loadModule } from '../../web/package/bin/node.mjs';
import { folders } from './support/folders.mjs';

const dist = join(folders.package, 'dist');
const header = readFileSync(join(folders.root, 'include/backdrop/backdrop.h'), 'utf8');
const declared = [...header.matchAll(/^BACKDROP_API [^(]*?(backdrop_\w+)\(/gm)].map(
  ([, name]) => name,
);
const scripts = readdirSync(dist).filter((name) => name.endsWith('.js'));

const compressed = (name) => brotliCompressSync(readFileSync(join(dist, name))).length;

for (const variant of ['scalar', 'simd', 'relaxed']) {
  describe(`the module '${variant}'`, () => {
    it('imports nothing but a clock', async () => {
      const imports = WebAssembly.Module.imports(await loadModule(variant));
      assert.deepEqual(imports, [{ module: 'backdrop', name: 'now', kind: 'function' }]);
    });

    it('exports the functions of the header, and what every module has', async () => {
      const exports = WebAssembly.Module.exports(await loadModule(variant));
      assert.ok(declared.length > 10);
      assert.deepEqual(
        exports.map(({ name }) => name).sort(),
        [...declared, '_initialize', 'memory'].sort(),
      );
    });

    it('is with its JavaScript under 100 KB brotli', (test) => {
      const sizes = [`wasm/${variant}.wasm`, ...scripts].map(compressed);
      const size = sizes.reduce((sum, each) => sum + each);
      test.diagnostic(`${sizes[0]} bytes, with its JavaScript ${size}`);
      assert.ok(size < 100_000);
    });
  });
}
