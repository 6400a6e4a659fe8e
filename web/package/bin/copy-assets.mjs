// Puts beside the compiled TypeScript what else the package consists of: the engine's WebAssembly
// modules, which `cmake --preset wasm-…` built, the catalogue of models, the models that come with the
// package, and the licence.
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { modelOptions } from '../dist/catalogue.js';
import { models, originalOf } from './models.mjs';

const root = new URL('../../../', import.meta.url);
const dist = new URL('../dist/', import.meta.url);

/** The first is the default: engine/model-file.ts has its name. */
const packedModels = ['selfie-landscape', 'mlkit'];

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

/** The model's file, and a module whose default export is the option `model`. */
function copyModel(model) {
  const at = (extension) => new URL(`models/${model.id}.${extension}`, dist);
  const options = JSON.stringify(modelOptions(model)).slice(1);
  copyFileSync(originalOf(model), at('tflite'));
  writeFileSync(
    at('js'),
    `// ${model.title} (${model.licence})\n` +
      `import { ownFile } from '../own-file.js';\n\n` +
      `const tflite = ownFile(new URL('../models/${model.id}.tflite', import.meta.url));\n` +
      `export default { tflite, ${options};\n`,
  );
  writeFileSync(
    at('d.ts'),
    `import type { ModelSource } from '../settings.js';\n\n` +
      `declare const model: ModelSource;\nexport default model;\n`,
  );
}

for (const folder of ['wasm/', 'models/']) mkdirSync(new URL(folder, dist), { recursive: true });
for (const variant of ['scalar', 'simd', 'relaxed']) copyModule(variant);
for (const variant of ['simd', 'relaxed']) copyModule(variant, '-threads');
for (const id of packedModels) copyModel(models.find((model) => model.id === id));
copyFileSync(new URL('catalogue/models.json', root), new URL('catalogue.json', dist));
copyFileSync(new URL('LICENSE', root), new URL('../LICENSE', import.meta.url));
