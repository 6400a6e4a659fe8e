// Puts beside the compiled TypeScript what else the package consists of: the engine's WebAssembly
// modules, which `cmake --preset wasm-…` built, the catalogue of models, the models that come with the
// package, and the licence.
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { modelOptions } from '../dist/catalogue.js';
import { addressOf, models, originalOf } from './models.mjs';

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

/** The catalogue as JSON and as a module, with each file's address. */
function writeCatalogue() {
  const entries = models.map((model) => ({ ...model, url: addressOf(model) }));
  writeFileSync(new URL('catalogue.json', dist), JSON.stringify({ models: entries }, null, 2));
  writeFileSync(
    new URL('catalogue-models.js', dist),
    `export const models = ${JSON.stringify(entries, null, 2)};\n`,
  );
  writeFileSync(
    new URL('catalogue-models.d.ts', dist),
    `import type { CatalogueEntry } from './catalogue.js';\n\n` +
      `export declare const models: readonly CatalogueEntry[];\n`,
  );
}

for (const folder of ['wasm/', 'models/']) mkdirSync(new URL(folder, dist), { recursive: true });
for (const variant of ['scalar', 'simd', 'relaxed']) copyModule(variant);
for (const variant of ['simd', 'relaxed']) copyModule(variant, '-threads');
for (const id of packedModels) copyModel(models.find((model) => model.id === id));
writeCatalogue();
copyFileSync(new URL('LICENSE', root), new URL('../LICENSE', import.meta.url));
