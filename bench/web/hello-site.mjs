// Builds a page for each hello world, from packages as npm gives them and ours as it is packed.
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { build } from 'vite';
import { folders } from '../../test/web/support/folders.mjs';
import { pack, unpack } from '../../test/web/support/packed.mjs';

const sources = fileURLToPath(new URL('hello/', import.meta.url));
const site = join(folders.root, 'build/bench/hello');
const modules = join(site, 'node_modules');
const twilio = '@twilio/video-processors';
const stream = '@stream-io/video-filters-web';
const livekit = '@livekit/track-processors';
const shiguredo = '@shiguredo/virtual-background';

/**
 * By the name of the script in hello/: the package, the SDK for calls that it belongs to, and the files
 * of it that one has to host.
 */
export const hellos = {
  backdrop: { package: '@backdrop/web' },
  livekit: {
    package: livekit,
    sdk: 'livekit-client',
    hosted: {
      '': `${livekit}/node_modules/@mediapipe/tasks-vision/wasm/`,
      // The same file as that of the address that the package has for it.
      'selfie_segmenter.tflite': `${stream}/mediapipe/models/selfie_segmenter.tflite`,
    },
  },
  stream: { package: stream, hosted: { '': `${stream}/mediapipe/` } },
  twilio: { package: twilio, sdk: 'twilio-video', hosted: { '': `${twilio}/dist/build/` } },
  shiguredo: { package: shiguredo, hosted: { '': `${shiguredo}/dist/` } },
  none: {},
};

const sdks = Object.values(hellos)
  .map(({ sdk }) => sdk)
  .filter(Boolean);

/** Installs the peers, and what `npm pack` makes of the package as it is built. */
function install() {
  mkdirSync(site, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) {
    copyFileSync(join(sources, file), join(site, file));
  }
  const options = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', options, { cwd: site, stdio: 'inherit' });
  unpack(pack(site).tarball, modules);
}

const sdkPath = (sdk) => `/sdk/${sdk}.js`;

async function bundleSdk(sdk) {
  await esbuild.build({
    stdin: {
      contents: `export * from '${sdk}'; export { createLocalVideoTrack } from '${sdk}';`,
      resolveDir: site,
    },
    bundle: true,
    minify: true,
    format: 'esm',
    outfile: join(site, `built${sdkPath(sdk)}`),
    logLevel: 'error',
  });
}

/** As a user's page would be, but for the SDK: a call has that anyway. */
async function bundle(name) {
  await build({
    configFile: false,
    logLevel: 'error',
    root: site,
    base: `/app/${name}/`,
    worker: { format: 'es' },
    build: {
      target: 'es2022',
      outDir: join(site, 'built/app', name),
      emptyOutDir: true,
      modulePreload: false,
      rollupOptions: {
        input: join(site, 'pages', `${name}.mjs`),
        external: sdks,
        output: {
          entryFileNames: 'main.js',
          paths: Object.fromEntries(sdks.map((sdk) => [sdk, sdkPath(sdk)])),
        },
      },
    },
  });
}

export const addressOf = (name) => `/app/${name}/main.js`;
export const sdkAddressOf = (name) => hellos[name].sdk && sdkPath(hellos[name].sdk);

/** The package's name and version, as it is installed. */
export function titleOf(name) {
  if (!hellos[name].package) return 'the camera alone';
  const file = join(modules, hellos[name].package, 'package.json');
  const { name: title, version } = JSON.parse(readFileSync(file));
  return `${title}@${version}`;
}

/** The lines of the script, blank ones left out. */
export const linesOf = (name) =>
  readFileSync(join(sources, `${name}.mjs`), 'utf8').match(/\S.*/g).length;

/** Builds all pages. Returns the server's folders. */
export async function buildSite() {
  install();
  rmSync(join(site, 'pages'), { recursive: true, force: true });
  cpSync(sources, join(site, 'pages'), { recursive: true });
  for (const sdk of sdks) await bundleSdk(sdk);
  const mounts = {};
  for (const [name, { hosted = {} }] of Object.entries(hellos)) {
    await bundle(name);
    // The longer path first, as the first prefix that fits counts.
    for (const [path, file] of Object.entries(hosted).reverse()) {
      mounts[`/hosted/${name}/${path}`] = join(modules, file);
    }
  }
  return {
    ...mounts,
    '/watch.js': fileURLToPath(new URL('hello-in-page.mjs', import.meta.url)),
    '/hello.html': fileURLToPath(new URL('hello.html', import.meta.url)),
    '/': join(site, 'built'),
  };
}
