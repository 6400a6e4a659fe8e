// WebKitGTK's MiniBrowser by plain WebDriver (https://www.w3.org/TR/webdriver2/): puppeteer and playwright
// do not speak it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

const driver = process.env.WEBKIT_DRIVER ?? '/usr/bin/WebKitWebDriver';
const screen = process.env.XVFB ?? '/usr/bin/Xvfb';

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** For a test's `skip`: false, or what is missing. */
export function withoutWebKit() {
  const missing = [driver, screen].filter((path) => !existsSync(path));
  return missing.length > 0 && `${missing.join(' and ')} are missing (webkit2gtk-driver, xvfb)`;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/** Starts an X server; returns its process and the display's name. */
async function startScreen() {
  const args = ['-displayfd', '1', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'];
  const server = spawn(screen, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = await once(createInterface(server.stdout), 'line');
  return [server, `:${line.trim()}`];
}

/** One WebDriver session. */
class Session {
  constructor(address) {
    this.address = address;
  }

  /** The value of a command's answer. */
  async command(path, body) {
    const init = body ? { method: 'POST', body: JSON.stringify(body) } : { method: 'DELETE' };
    const response = await fetch(`${this.address}${path}`, init);
    const { value } = await response.json();
    if (!response.ok) throw new Error(`WebDriver: ${value.error}: ${value.message}`);
    return value;
  }

  run(script, ...args) {
    return this.command('/execute/sync', { script, args });
  }
}

/** What a page does first: it notes its errors and warnings, and starts calls whose answers are polled. */
const prepare = `
  const problems = (globalThis.problems = []);
  for (const kind of ['error', 'warn']) console[kind] = (...words) => problems.push(words.join(' '));
  addEventListener('error', ({ message }) => problems.push(message));
  addEventListener('unhandledrejection', ({ reason }) => problems.push(String(reason)));
  const answers = (globalThis.answers = []);
  globalThis.startCall = (name, args) => {
    const id = answers.push(undefined) - 1;
    const answer = (outcome) => { answers[id] = JSON.stringify(outcome); };
    Promise.resolve().then(() => inPage[name](...args)).then(
      (value) => answer({ value }),
      (error) => answer({ error: String(error) }),
    );
    return id;
  };`;

/** See Page in browsers.mjs. */
class Page {
  problems = [];

  constructor(session) {
    this.session = session;
  }

  /** A driver carries out one command at a time, so no command waits for the result. */
  async call(name, ...args) {
    const id = await this.session.run('return startCall(...arguments)', name, args);
    for (;;) {
      const [json, problems] = await this.session.run(
        'return [answers[arguments[0]] ?? null, problems.splice(0)]',
        id,
      );
      this.problems.push(...problems);
      if (json) {
        const { value, error } = JSON.parse(json);
        if (error) throw new Error(error);
        return value;
      }
      await sleep(20);
    }
  }

  async close() {
    await this.session.command('/url', { url: 'about:blank' });
  }
}

/** See Browser in browsers.mjs; it has one page at a time. */
class Browser {
  constructor(session, processes) {
    this.session = session;
    this.processes = processes;
  }

  async open(address) {
    await this.session.command('/url', { url: address });
    while (!(await this.session.run('return Boolean(globalThis.inPage)'))) await sleep(20);
    await this.session.run(prepare);
    return new Page(this.session);
  }

  async close() {
    await this.session.command('').catch(() => undefined);
    for (const each of this.processes) each.kill();
  }
}

/** Starts a session as soon as the driver listens. */
async function startSession(address, capabilities) {
  for (let tries = 100; ; --tries) {
    try {
      const { sessionId } = await new Session(address).command('/session', { capabilities });
      return new Session(`${address}/session/${sessionId}`);
    } catch (error) {
      if (error.cause?.code !== 'ECONNREFUSED' || tries === 0) throw error;
      await sleep(50);
    }
  }
}

/** @param {{ features?: string[] }} options WebKit's features, with + or - before their names */
export async function launchWebKit({ features = ['+MediaStreamTrackProcessing'] } = {}) {
  const [server, display] = await startScreen();
  const port = await freePort();
  const started = spawn(driver, [`--port=${port}`, '--host=127.0.0.1'], {
    env: { ...process.env, DISPLAY: display, LIBGL_ALWAYS_SOFTWARE: '1' },
    stdio: 'ignore',
  });
  const args = ['--automation', `--features=${features}`];
  args.push('--enable-media-stream=true', '--enable-mock-capture-devices=true');
  const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': { args } } };
  try {
    const session = await startSession(`http://127.0.0.1:${port}`, capabilities);
    return new Browser(session, [started, server]);
  } catch (error) {
    for (const each of [started, server]) each.kill();
    throw error;
  }
}
