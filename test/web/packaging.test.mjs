// The packed npm package in pages of the usual kinds in headless Chromium: under a strict Content
// Security Policy, in pages that are not cross-origin isolated, if not said otherwise.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import esbuild from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import * as vite from 'vite';
import * as vite7 from 'vite-7';
import webpack from 'webpack';
import { models as catalogue, pathOf } from '../../web/package/bin/models.mjs';
import { launch, tellsOfOpenFrame } from './support/browser.mjs';
import { folders } from './support/folders.mjs';
import { pack, unpack } from './support/packed.mjs';
import { serve } from './support/server.mjs';

const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";
const trustedTypes = "require-trusted-types-for 'script'; trusted-types backdrop";
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** A page's script that imports the package from `module`. */
const script = (module) => `
import { Backdrop } from '${module}';
globalThis.start = (camera, options) => {
  const backdrop = new Backdrop(options);
  const ready = new Promise((resolve, reject) => {
    backdrop.on('ready', resolve);
    backdrop.on('error', reject);
  });
  return backdrop
    .process(camera)
    .then(() => ready)
    .finally(() => backdrop.dispose());
};
`;

const page = (script) => `<!doctype html>
<html lang="en">
  <head>
    <title>An app</title>
    <script type="module" src="${script}"></script>
  </head>
</html>
`;

/** A TypeScript program that uses each entry point of the package. */
const typedScript = `
import { Backdrop, modelOptions, type CatalogueEntry, type Options } from '@backdrop/web';
import { JitsiEffect } from '@backdrop/web/jitsi';
import { LiveKitProcessor } from '@backdrop/web/livekit';
import catalogue from '@backdrop/web/catalogue.json' with { type: 'json' };
import { models } from '@backdrop/web/catalogue';
import mlkit from '@backdrop/web/models/mlkit';
import { Backdrop as Single } from '@backdrop/web/single';
import { LocalVideoTrack } from 'livekit-client';

const [model]: readonly CatalogueEntry[] = models;
const [same] = catalogue.models as CatalogueEntry[];
export async function start(camera: MediaStreamTrack) {
  const isSupported: boolean = Single.isSupported();
  const backdrop = new Backdrop({ model: mlkit, background: isSupported ? 'teal' : 'blur' });
  const changes: Options = { model: { tflite: 'a.tflite', ...modelOptions(model ?? same!) } };
  await backdrop.set({ ...changes, coverage: { low: 0.3 }, refinement: undefined });
  await new LocalVideoTrack(camera).setProcessor(new LiveKitProcessor(backdrop));
  return JitsiEffect.create(backdrop, camera);
}
`;

describe('the package', () => {
  const work = mkdtempSync(join(tmpdir(), 'backdrop-packaging-'));
  const at = (...path) => join(work, ...path);
  const installed = at('node_modules/@backdrop/web');
  let files, tarball;

  function write(path, text) {
    mkdirSync(join(at(path), '..'), { recursive: true });
    writeFileSync(at(path), text);
  }

  before(() => {
    ({ tarball, files } = pack(work));
    unpack(tarball, at('node_modules'));
    cpSync(join(installed, 'dist'), at('static/backdrop'), { recursive: true });
    write('package.json', '{ "type": "module" }');
    write('app/index.html', page('./main.js'));
    write('app/main.js', script('@backdrop/web'));
  });
  after(() => rmSync(work, { recursive: true }));

  it('holds what was built and nothing else', () => {
    for (const file of files) {
      assert.match(
        file,
        /^(package\.json|README\.md|CHANGELOG\.md|LICENSE|NOTICE|dist\/.*\.(js|js\.map|d\.ts|json|wasm|tflite))$/,
      );
    }
    for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE', 'NOTICE']) {
      assert.ok(files.includes(file), file);
    }
    for (const variant of ['scalar', 'simd', 'relaxed']) {
      assert.ok(files.includes(`dist/wasm/${variant}.wasm`));
    }
    assert.ok(files.includes('dist/single.js'));
    assert.deepEqual(
      files.filter((file) => file.startsWith('dist/single/')),
      [],
    );
    for (const id of ['selfie-landscape', 'mlkit']) {
      assert.ok(files.includes(`dist/models/${id}.tflite`));
    }
  });

  it('has source maps with the sources in them', () => {
    const map = JSON.parse(readFileSync(join(installed, 'dist/backdrop.js.map'), 'utf8'));
    assert.match(map.sourcesContent[0], /export class Backdrop/);
  });

  it('is imported by Node, for pages that a server renders', () => {
    const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    const scripts = Object.keys(exports).filter((path) => exports[path].default);
    assert.ok(scripts.length > 3);
    for (const path of scripts) {
      const name = join('@backdrop/web', path.replace('*', 'mlkit'));
      const options = ['--input-type=module', '-e', `import '${name}'`];
      execFileSync('node', options, { cwd: work, stdio: ['ignore', 'ignore', 'inherit'] });
    }
  });

  it('describes each model of the catalogue, with the address and the size of its file', async () => {
    const { models } = await import(pathToFileURL(join(installed, 'dist/catalogue-models.js')));
    assert.deepEqual(
      JSON.parse(readFileSync(join(installed, 'dist/catalogue.json'), 'utf8')).models,
      models,
    );
    assert.deepEqual(
      models.map(({ url, ...model }) => {
        assert.ok(url.endsWith(model.source.path ?? model.source.url), url);
        return model;
      }),
      catalogue,
    );
    const mlkit = models.find(({ id }) => id === 'mlkit');
    assert.equal(
      mlkit.url,
      'https://unpkg.com/@mediapipe/selfie_segmentation@0.1.1675465747/selfie_segmentation.tflite',
    );
    for (const model of models) {
      const path = pathOf(model);
      assert.ok(model.suits, model.id);
      assert.ok(Number.isInteger(model.bytes), model.id);
      if (path) assert.equal(model.bytes, statSync(path).size, model.id);
    }
  });

  it('keeps the catalogue out of the main script', async () => {
    const options = { bundle: true, format: 'esm', write: false, logLevel: 'silent' };
    const entryPoints = [join(installed, 'dist/index.js')];
    const { outputFiles } = await esbuild.build({ ...options, entryPoints });
    for (const { sha256 } of catalogue) assert.ok(!outputFiles[0].text.includes(sha256));
  });

  it('is as publint demands', async () => {
    const { messages, pkg } = await publint({ pkgDir: installed, pack: false });
    assert.deepEqual(
      messages.map((message) => formatMessage(message, pkg, { color: false })),
      [],
    );
  });

  it('has types that TypeScript finds by each way of resolution that knows ECMAScript modules', async () => {
    const { problems } = await checkPackage(createPackageFromTarballData(readFileSync(tarball)));
    const old = ['node10', 'node16-cjs'];
    assert.deepEqual(
      problems.filter(({ resolutionKind }) => !old.includes(resolutionKind)),
      [],
    );
  });

  it('has types for all that it exports, beside those of livekit-client', () => {
    write('typed/main.ts', typedScript);
    symlinkSync(
      join(folders.root, 'node_modules/livekit-client'),
      at('node_modules/livekit-client'),
    );
    const options = [
      '--exactOptionalPropertyTypes',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--lib',
      'es2022,dom,dom.iterable',
    ];
    const checks = ['--strict', '--skipLibCheck', '--noEmit'];
    const tsc = join(folders.root, 'node_modules/typescript/bin/tsc');
    execFileSync('node', [tsc, ...options, ...checks, at('typed/main.ts')], { stdio: 'inherit' });
  });

  describe('in a page', () => {
    let server, browser;

    before(async () => {
      server = await serve({ '/': work }, { headers: { 'Content-Security-Policy': policy } });
      browser = await launch();
    });
    after(async () => {
      await browser?.close();
      server?.close();
    });

    /** Opens the page and processes a frame with each transport; fails on any error. */
    async function processesFrames(folder, options = {}, { address } = server) {
      const tab = await browser.newPage();
      const problems = [];
      const requests = [];
      tab.on('pageerror', (error) => problems.push(error.message));
      tab.on('console', (message) => {
        const { url } = message.location();
        const isExpected = tellsOfOpenFrame(message.text()) || url.endsWith('/favicon.ico');
        if (message.type() === 'error' && !isExpected) problems.push(message.text());
      });
      tab.context().on('request', (request) => requests.push(new URL(request.url()).pathname));
      await tab.goto(`${address}/${folder}/`);
      await tab.waitForFunction(() => globalThis.start);
      const { threads = 1 } = options;
      assert.equal(await tab.evaluate(() => crossOriginIsolated), threads > 1);
      for (const transport of ['window-streams', 'canvas']) {
        const ready = await tab.evaluate(processFrame, { transport, ...options });
        assert.equal(ready.transport, transport);
        assert.equal(ready.threads, threads);
      }
      assert.deepEqual(problems, []);
      await tab.close();
      return requests;
    }

    /** As processesFrames, in a page that is served with other headers. */
    async function processesFramesWith(headers, folder, options) {
      const own = await serve({ '/': work }, { headers });
      try {
        return await processesFrames(folder, options, own);
      } finally {
        own.close();
      }
    }

    /** Runs in the page: processes a camera's track until the Backdrop is ready. */
    async function processFrame(options) {
      const canvas = document.createElement('canvas');
      const context = canvas.getContext('2d');
      const [camera] = canvas.captureStream().getVideoTracks();
      const clock = setInterval(() => context.fillRect(0, 0, 300, 150), 30);
      try {
        return await globalThis.start(camera, options);
      } finally {
        clearInterval(clock);
      }
    }

    it('without a bundler', async () => {
      write('plain/index.html', page('./main.js'));
      write('plain/main.js', script('/static/backdrop/index.js'));
      await processesFrames('plain');
    });

    it('loaded from another origin', async () => {
      const cors = { 'Access-Control-Allow-Origin': '*' };
      const other = await serve({ '/': join(installed, 'dist') }, { headers: cors });
      const strict =
        `default-src 'none'; script-src 'self' 'wasm-unsafe-eval' ${other.address}; ` +
        `worker-src blob: ${other.address}; connect-src ${other.address}`;
      write('foreign/index.html', page('./main.js'));
      write('foreign/main.js', script(`${other.address}/index.js`));
      try {
        await processesFramesWith({ 'Content-Security-Policy': strict }, 'foreign');
      } finally {
        other.close();
      }
    });

    describe('as a single file, where nothing else is served', () => {
      const strict =
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:; " +
        trustedTypes;

      /** Processes frames in the page of the folder, which requests these files and no others. */
      async function processesAlone(folder, scripts) {
        write(`${folder}/index.html`, page('./main.js'));
        const headers = { 'Content-Security-Policy': strict };
        const own = await serve({ [`/${folder}/`]: at(folder) }, { headers });
        try {
          const requests = await processesFrames(folder, {}, own);
          const paths = requests.filter((path) => /^\/(?!favicon)/.test(path));
          const expected = ['', ...scripts].map((name) => `/${folder}/${name}`);
          assert.deepEqual([...new Set(paths)].sort(), expected);
        } finally {
          own.close();
        }
      }

      it('beside the page’s script', async () => {
        write('single/main.js', script('./backdrop.js'));
        cpSync(join(installed, 'dist/single.js'), at('single/backdrop.js'));
        await processesAlone('single', ['backdrop.js', 'main.js']);
      });

      it('in a bundle of esbuild', async () => {
        write('app/single.js', script('@backdrop/web/single'));
        await esbuild.build({
          absWorkingDir: at('app'),
          entryPoints: ['single.js'],
          bundle: true,
          format: 'esm',
          outfile: at('bundled/main.js'),
          logLevel: 'warning',
        });
        await processesAlone('bundled', ['main.js']);
      });
    });

    describe('built by Vite', () => {
      before(() =>
        vite.build({
          configFile: false,
          root: at('app'),
          base: './',
          build: { outDir: at('vite'), emptyOutDir: true },
          logLevel: 'warn',
        }),
      );

      it('as it is', () => processesFrames('vite'));

      it('with two threads, where the page is cross-origin isolated', () =>
        processesFramesWith({ 'Content-Security-Policy': policy, ...isolation }, 'vite', {
          threads: 2,
        }));

      it('with the package’s files elsewhere, where Trusted Types are demanded', async () => {
        const headers = { 'Content-Security-Policy': `${policy}; ${trustedTypes}`, ...isolation };
        const options = { threads: 2, assets: '/static/backdrop' };
        await processesFramesWith(headers, 'vite', options);
        await assert.rejects(
          processesFramesWith(headers, 'vite', { threads: 2 }),
          /where Trusted Types are demanded, set the option `assets`/,
        );
      });
    });

    // Version 7 stands for 5 and 6, too: all three move the package's scripts in the same way.
    for (const { version, createServer } of [vite, vite7]) {
      it(`served by Vite ${version} for development`, async () => {
        const own = await createServer({
          configFile: false,
          root: work,
          cacheDir: at('node_modules/.vite'),
          optimizeDeps: { entries: 'app/index.html', force: true },
          server: { host: '127.0.0.1', watch: null },
          logLevel: 'warn',
        });
        await own.listen();
        const { port } = own.httpServer.address();
        try {
          await processesFrames('app', {}, { address: `http://127.0.0.1:${port}` });
        } finally {
          await own.close();
        }
      });
    }

    it('built by esbuild, with the package’s files elsewhere', async () => {
      await esbuild.build({
        absWorkingDir: at('app'),
        entryPoints: ['main.js'],
        bundle: true,
        format: 'esm',
        outfile: at('esbuild/main.js'),
        logLevel: 'warning',
      });
      write('esbuild/index.html', page('./main.js'));
      await assert.rejects(processesFrames('esbuild'), /name the folder .* option `assets`/);
      await processesFrames('esbuild', { assets: '/static/backdrop' });
    });

    describe('built by webpack', () => {
      before(async () => {
        const compiler = webpack({
          mode: 'production',
          performance: false,
          optimization: { minimize: false },
          context: at('app'),
          entry: './main.js',
          output: { path: at('webpack') },
        });
        const stats = await new Promise((resolve, reject) => {
          compiler.run((error, stats) => (error ? reject(error) : resolve(stats)));
        });
        assert.deepEqual(stats.toJson({ all: false, errors: true, warnings: true }), {
          errors: [],
          warnings: [],
        });
        write('webpack/index.html', page('./main.js'));
      });

      it('as it is', () => processesFrames('webpack'));

      it('with two threads, where the page is cross-origin isolated', () =>
        processesFramesWith({ 'Content-Security-Policy': policy, ...isolation }, 'webpack', {
          threads: 2,
        }));

      it('with the package’s files elsewhere', async () => {
        const requests = await processesFrames('webpack', { assets: '/static/backdrop' });
        const workers = requests.filter((path) => /worker\.js$/.test(path));
        assert.ok(workers.length > 0);
        for (const path of workers) assert.match(path, /^\/static\/backdrop\//);
      });
    });
  });
});
