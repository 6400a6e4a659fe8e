// Runs a script in an empty page of a browser: `node in-page.mjs chromium|firefox|webkit PATTERN < SCRIPT`. The
// script is the body of an async function. What it returns is printed as JSON, and has to match the pattern: the
// exit status is 1 if the browser behaves otherwise now. In Chromium and Firefox `await hide()` puts another tab
// before the page. For Chromium and Firefox it installs puppeteer-core in the
// working folder: the caller's temporary one. CHROMIUM and FIREFOX name other browsers than Debian's.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const script = readFileSync(0, 'utf8');
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const programs = {
  chromium: process.env.CHROMIUM ?? '/usr/bin/chromium',
  firefox: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
  webkit: '/usr/bin/WebKitWebDriver',
};

async function installed(library) {
  execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefix', '.', library]);
  const require = createRequire(join(process.cwd(), 'package.json'));
  return import(pathToFileURL(require.resolve(library.split('@')[0])));
}

async function inPuppeteer(name, address) {
  const { default: puppeteer } = await installed('puppeteer-core@24.43.1');
  const browser = await puppeteer.launch({
    browser: name === 'chromium' ? 'chrome' : 'firefox',
    executablePath: programs[name],
    headless: true,
    args:
      name === 'chromium'
        ? ['--no-sandbox', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream']
        : [],
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
    },
  });
  try {
    const page = await browser.newPage();
    await page.exposeFunction('hide', async () => {
      await (await browser.newPage()).bringToFront();
    });
    await page.goto(address);
    return [await browser.version(), await page.evaluate(`(async () => { ${script} })()`)];
  } finally {
    await browser.close();
  }
}

async function inWebKit(address) {
  const screen = spawn('Xvfb', ['-displayfd', '1', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [display] = await once(createInterface(screen.stdout), 'line');
  const env = { ...process.env, DISPLAY: `:${display}`, LIBGL_ALWAYS_SOFTWARE: '1' };
  const port = 20_000 + (process.pid % 20_000);
  const driver = spawn(programs.webkit, [`--port=${port}`, '--host=127.0.0.1'], {
    env,
    stdio: 'ignore',
  });
  const command = async (path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(value.message);
    return value;
  };
  try {
    await sleep(1000);
    const args = [
      '--automation',
      '--features=+MediaStreamTrackProcessing',
      '--enable-media-stream=true',
      '--enable-mock-capture-devices=true',
    ];
    const options = { alwaysMatch: { 'webkitgtk:browserOptions': { args } } };
    const { sessionId, capabilities } = await command('/session', { capabilities: options });
    await command(`/session/${sessionId}/url`, { url: address });
    const body = `const done = arguments[0]; (async () => { ${script} })().then(done, (error) => done('' + error));`;
    const seen = await command(`/session/${sessionId}/execute/async`, { script: body, args: [] });
    await fetch(`http://127.0.0.1:${port}/session/${sessionId}`, { method: 'DELETE' });
    return [`WebKitGTK/${capabilities.browserVersion}`, seen];
  } finally {
    driver.kill();
    screen.kill();
  }
}

const server = createServer((_, response) => {
  response
    .writeHead(200, { 'Content-Type': 'text/html' })
    .end('<!doctype html><title>finding</title><body>');
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = `http://127.0.0.1:${server.address().port}/`;
const [, , name, pattern] = process.argv;
try {
  if (!existsSync(programs[name]))
    throw new Error(`${programs[name]} is not there: install ${name}`);
  const [version, seen] =
    name === 'webkit' ? await inWebKit(address) : await inPuppeteer(name, address);
  const answer = JSON.stringify(seen);
  console.log(`${version}: ${answer}`);
  if (!new RegExp(`^${pattern}$`).test(answer)) {
    throw new Error(`it behaves otherwise now: this was seen before: ${pattern}`);
  }
} catch ({ message }) {
  console.error(message);
  process.exitCode = 1;
} finally {
  server.closeAllConnections();
  server.close();
}
