// Apps of Next and Angular with the packed npm package, built as docs/recipes.md says, in headless Chromium with
// a camera. frameworks/ has all of each app but what the recipes say.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { launch, tellsOfOpenFrame } from './support/browser.mjs';
import { folders } from './support/folders.mjs';
import { pack, unpack } from './support/packed.mjs';
import { serve } from './support/server.mjs';

const apps = join(folders.root, 'build/frameworks');
const recipes = readFileSync(join(folders.root, 'docs/recipes.md'), 'utf8');
const unreachable =
  /\bE(NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|NETUNREACH|HOSTUNREACH|TIMEDOUT)\b/;

/** The first code in the language below the heading. */
function recipe(heading, language) {
  const [, section] = recipes.split(new RegExp(`^#+ ${heading}$`, 'm'));
  return new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'ms').exec(section)[1];
}

function run(program, args, folder) {
  const options = { cwd: folder, encoding: 'utf8' };
  const { status, stdout, stderr } = spawnSync(program, args, options);
  return { status, output: stdout + stderr };
}

/** Runs a script of the app's packages, and fails with what it printed. */
function build(app, script) {
  const { status, output } = run('node', [join('node_modules', script), 'build'], app);
  assert.equal(status, 0, output);
}

/** Installs the packages of the app's lock file, and fails with what npm printed. False without a network. */
function installPackages(app) {
  const quick = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  const { status, output } = run('npm', ['ci', ...quick, '--fetch-retries=1'], app);
  if (status !== 0 && unreachable.test(output)) return false;
  assert.equal(status, 0, output);
  return true;
}

/** The folder of the app. Its packages are kept for the next run. Undefined where npm can't get them. */
function install(name, tarball) {
  const source = join(folders.root, 'test/web/frameworks', name);
  const app = join(apps, name);
  const lock = join(app, 'node_modules/.installed.json');
  const wanted = readFileSync(join(source, 'package-lock.json'), 'utf8');
  const isThere = existsSync(lock) && readFileSync(lock, 'utf8') === wanted;
  cpSync(source, app, { recursive: true });
  if (!isThere && !installPackages(app)) return undefined;
  writeFileSync(lock, wanted);
  unpack(tarball, join(app, 'node_modules'));
  return app;
}

describe('an app', () => {
  let browser, tarball;

  before(async () => {
    mkdirSync(apps, { recursive: true });
    ({ tarball } = pack(apps));
    const flags = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'];
    browser = await launch({ flags });
  });
  after(() => browser?.close());

  /** Opens the page and waits until so many videos show processed tracks; fails on any error. */
  async function showsVideos(address, count) {
    const tab = await browser.newPage();
    const problems = [];
    tab.on('pageerror', (error) => problems.push(error.message));
    tab.on('console', (message) => {
      const isExpected =
        tellsOfOpenFrame(message.text()) || message.location().url.endsWith('/favicon.ico');
      if (['error', 'warning'].includes(message.type()) && !isExpected)
        problems.push(message.text());
    });
    await tab.goto(address);
    await tab.waitForFunction(showVideos, count).catch((error) => problems.push(error.message));
    assert.deepEqual(problems, []);
    await tab.close();
  }

  /** Runs in the page: whether so many videos show pictures, and not those of the camera or black ones. */
  function showVideos(count) {
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d', { willReadFrequently: true });
    const shown = [...document.querySelectorAll('video')].filter((video) => {
      const [track] = video.srcObject?.getVideoTracks() ?? [];
      if (!track || track.label.startsWith('fake_device')) return false;
      context.drawImage(video, 0, 0, canvas.width, canvas.height);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      return data.some((value, i) => i % 4 < 3 && value > 64);
    });
    return shown.length === count;
  }

  it('of Next imports the package on the server, and shows a processed track', async (test) => {
    const app = install('next', tarball);
    if (!app) return test.skip('npm can’t get Next');
    writeFileSync(join(app, 'app/self-view.jsx'), recipe('Next', 'jsx'));
    rmSync(join(app, '.next'), { recursive: true, force: true });
    const next = 'next/dist/bin/next';
    build(app, next);
    const args = [join('node_modules', next), 'start', '--port', '0', '--hostname', '127.0.0.1'];
    const server = spawn('node', args, { cwd: app, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const lines = createInterface({ input: server.stdout });
      const address = await new Promise((resolve) => {
        lines.on('line', (line) => {
          const [found] = /http:\S+/.exec(line) ?? [];
          if (found) resolve(found);
        });
        lines.on('close', resolve);
      });
      const page = await fetch(address);
      assert.match(await page.text(), /<main data-supported="false">/);
      await showsVideos(address, 1);
    } finally {
      server.kill();
    }
  });

  it('of Angular shows a processed track, from copied files and from a single one', async (test) => {
    const app = install('angular', tarball);
    if (!app) return test.skip('npm can’t get Angular');
    const angular = JSON.parse(readFileSync(join(app, 'angular.json'), 'utf8'));
    const { options } = angular.projects.app.architect.build;
    Object.assign(options, JSON.parse(`{ ${recipe('Angular', 'json')} }`));
    writeFileSync(join(app, 'angular.json'), JSON.stringify(angular));
    const view = recipe('Angular', 'ts');
    const single = view
      .replace('self-view', 'single-file-view')
      .replace('@backdrop/web', '@backdrop/web/single')
      .replace("{ assets: '/backdrop/' }", '');
    writeFileSync(join(app, 'src/self-view.ts'), view);
    writeFileSync(join(app, 'src/single-file-view.ts'), single);
    build(app, '@angular/cli/bin/ng.js');
    const server = await serve({ '/': join(app, 'site/browser') });
    try {
      await showsVideos(server.address, 2);
    } finally {
      server.close();
    }
  });
});
