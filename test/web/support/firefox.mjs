#!/usr/bin/env node
// Starts Firefox with the arguments given. Playwright takes this for Firefox: a relay of WebDriver BiDi's
// messages between the two makes up for what one does not know of the other.
import { spawn } from 'node:child_process';
import WebSocket, { WebSocketServer } from 'ws';

/** Firefox ESR does not know this command, which Playwright sends at each start. The theme stays the light one. */
const unknown = 'emulation.setMediaFeaturesOverride';

/** Playwright knows a download by its navigation. Firefox names none for a file that the page makes itself. */
function withNavigation(text) {
  if (!text.includes('"browsingContext.download')) return text;
  const message = JSON.parse(text);
  if (message.params) message.params.navigation ??= message.params.url;
  return JSON.stringify(message);
}

/** Hands the messages of Playwright on to the browser at `address`, and back. */
function relay(address, playwright) {
  const browser = new WebSocket(address);
  const early = [];
  playwright.on('message', (data) => {
    const text = String(data);
    const { id, method } = JSON.parse(text);
    if (method === unknown) {
      playwright.send(JSON.stringify({ type: 'success', id, result: {} }));
    } else if (browser.readyState === WebSocket.OPEN) {
      browser.send(text);
    } else {
      early.push(text);
    }
  });
  browser.on('open', () => early.forEach((text) => browser.send(text)));
  browser.on('message', (data) => playwright.send(withNavigation(String(data))));
  browser.on('close', () => playwright.close());
  playwright.on('close', () => browser.close());
}

const firefox = spawn(process.env.FIREFOX ?? '/usr/bin/firefox-esr', process.argv.slice(2), {
  stdio: ['ignore', 'inherit', 'pipe'],
});
firefox.on('exit', (code) => process.exit(code ?? 1));
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => firefox.kill(signal));

const listening = /WebDriver BiDi listening on (ws:\/\/\S+)/;
firefox.stderr.on('data', (data) => {
  const address = listening.exec(data)?.[1];
  if (!address) return process.stderr.write(data);
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (playwright) => relay(`${address}/session`, playwright));
  server.on('listening', () => {
    console.error(`WebDriver BiDi listening on ws://127.0.0.1:${server.address().port}`);
  });
});
