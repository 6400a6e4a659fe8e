import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { models, pathOf } from '../package/bin/models.mjs';

const portrait = fileURLToPath(new URL('../../build/media/grace_hopper.jpg', import.meta.url));

/** Everything is loaded from the page's own origin, and no text is evaluated as a script. */
const policy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
].join('; ');

/** The paths of the installed models and the portrait, by the addresses at which they are served. */
function servedFiles() {
  const files = new Map();
  for (const model of models) {
    const path = pathOf(model);
    if (path) files.set(`models/${model.file}`, path);
  }
  if (existsSync(portrait)) files.set(`media/${basename(portrait)}`, portrait);
  return files;
}

function assets() {
  const files = servedFiles();
  return {
    name: 'backdrop-assets',
    config: () => ({ define: { __SERVED__: JSON.stringify([...files.keys()]) } }),
    configureServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        const path = files.get(new URL(request.url, 'http://localhost').pathname.slice(1));
        if (path) createReadStream(path).pipe(response);
        else next();
      });
    },
    generateBundle() {
      for (const [fileName, path] of files) {
        this.emitFile({ type: 'asset', fileName, source: readFileSync(path) });
      }
    },
  };
}

/** Not while developing: Vite's client adds inline styles and a WebSocket. */
function contentSecurityPolicy() {
  return {
    name: 'backdrop-csp',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: policy },
        injectTo: 'head-prepend',
      },
    ],
  };
}

/** Lets the page share memory between threads; without these headers the engine uses one thread. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  base: './',
  appType: 'mpa',
  plugins: [assets(), contentSecurityPolicy()],
  worker: { format: 'es' },
  build: { target: 'es2022', emptyOutDir: true },
  server: { host: '127.0.0.1', headers: isolation },
  preview: { host: '127.0.0.1', headers: isolation },
});
