// What has to be fetched but for the model.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { folders } from '../../test/web/support/folders.mjs';
import { printTable } from '../report.mjs';
import { peers } from './peers.mjs';

/** Compressed bytes of all, and of WebAssembly alone. */
function sizesOf(paths) {
  const sizes = paths.map((path) => [path, brotliCompressSync(readFileSync(path)).length]);
  const sum = (some) => some.reduce((total, [, size]) => total + size, 0);
  return { all: sum(sizes), wasm: sum(sizes.filter(([path]) => path.endsWith('.wasm'))) };
}

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;

export function printSizes() {
  const dist = join(folders.package, 'dist');
  // The build of a single file has all of it again.
  const scripts = readdirSync(dist, { recursive: true }).filter(
    (name) => name.endsWith('.js') && !name.startsWith('single'),
  );
  const modules = readdirSync(join(dist, 'wasm'));
  const ours = modules.map((name) => ({
    title: `Backdrop, ${name}`,
    files: [join('wasm', name), ...scripts].map((file) => join(dist, file)),
  }));
  const rows = [...ours, ...Object.values(peers)].map(({ title, files }) => {
    const { wasm, all } = sizesOf(files);
    return [title, kilobytes(wasm), kilobytes(all)];
  });
  printTable('Brotli', ['runtime', 'WebAssembly', 'and all JavaScript'], rows);
}
