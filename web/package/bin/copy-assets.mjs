// Puts beside the compiled TypeScript what else the package consists of: the engine's WebAssembly
// modules, which `cmake --preset wasm-…` built, and the catalogue of models.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';

const root = new URL('../../../', import.meta.url);
const dist = new URL('../dist/', import.meta.url);

mkdirSync(new URL('wasm/', dist), { recursive: true });
function copyModule(variant, suffix = '') {
  const built = new URL(`build/wasm-${variant}/web/wasm/backdrop${suffix}.wasm`, root);
  if (!existsSync(built)) {
    console.error(
      `${built.pathname} is missing: cmake --preset wasm-${variant} and build it first`,
    );
    process.exit(1);
  }
  copyFileSync(built, new URL(`wasm/${variant}${suffix}.wasm`, dist));
}

for (const variant of ['scalar', 'simd', 'relaxed']) copyModule(variant);
for (const variant of ['simd', 'relaxed']) copyModule(variant, '-threads');
copyFileSync(new URL('catalogue/models.json', root), new URL('catalogue.json', dist));
