// Runs a script in an empty page of a browser: `node in-page.mjs chromium|firefox|webkit < SCRIPT`. The script
// is the body of an async function; what it returns is printed as JSON. puppeteer-core (for Chromium and
// Firefox) is looked for in the working directory. CHROMIUM and FIREFOX name other browsers than those in PATH.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const script = readFileSync(0, 'utf8');
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function inPuppeteer(name, address) {
  const require = createRequire(join(process.cwd(), 'package.json'));
  const { default: puppeteer } = await import(pathToFileURL(require.resolve('puppeteer-core')));
  const browser = await puppeteer.launch({
    browser: name === 'chromium' ? 'chrome' : 'firefox',
    executablePath: name === 'chromium' ? process.env.CHROMIUM : process.env.FIREFOX,
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
  const driver = spawn('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], {
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
const [, , name] = process.argv;
try {
  const [version, seen] =
    name === 'webkit' ? await inWebKit(address) : await inPuppeteer(name, address);
  console.error(version);
  console.log(JSON.stringify(seen));
} finally {
  server.closeAllConnections();
  server.close();
}
