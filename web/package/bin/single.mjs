// Builds dist/single.js from the compiled package: one module with the Workers, the engine and the default
// model in it.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import esbuild from 'esbuild';

const dist = new URL('../dist/', import.meta.url);
const at = (path) => fileURLToPath(new URL(path, dist));

/** The engine for one thread, where WebAssembly has SIMD: every other file would add a tenth and more. */
const inlined = ['wasm/relaxed.wasm', 'wasm/simd.wasm', 'models/selfie-landscape.tflite'];

const replacements = [
  [/\/new-\w+-worker\.js$/, 'single/new-workers.js'],
  [/\/fetch-file\.js$/, 'single/fetch-file.js'],
];

/** Puts the modules of src/single in place of others, and `contents` into the one that holds them. */
const inlining = (contents) => ({
  name: 'inlining',
  setup(build) {
    for (const [filter, replacement] of replacements) {
      build.onResolve({ filter }, ({ importer }) =>
        importer === at(replacement) ? undefined : { path: at(replacement) },
      );
    }
    build.onLoad({ filter: /\/single\/contents\.js$/ }, () => ({ contents }));
  },
});

const exported = (values) =>
  Object.entries(values)
    .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`)
    .join('\n');

async function bundle(entry, contents) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [at(entry)],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    outfile: at('single.js'),
    define: { 'import.meta.url': '"https://backdrop.invalid/dist/engine/module.js"' },
    plugins: [inlining(exported(contents))],
    logLevel: 'warning',
  });
  return outputFiles[0];
}

const files = Object.fromEntries(
  inlined.map((path) => [path, gzipSync(readFileSync(at(path)), { level: 9 }).toString('base64')]),
);
const { text: script } = await bundle('single/worker.js', { files: {}, script: '' });
const { path, text } = await bundle('index.js', { files, script });
writeFileSync(
  path,
  `// Backdrop in one file, Apache-2.0; the package's NOTICE says what is in it.\n${text}`,
);
