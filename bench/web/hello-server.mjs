// A server as one on the web is: brotli for what it makes smaller, and files that browsers may keep.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { fileOf, types } from '../../test/web/support/server.mjs';

/** Models are served as they are: hardly smaller, and unknown to servers. */
const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
const compressed = ['.html', '.js', '.mjs', '.json', '.wasm'];

async function textOf(request) {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part;
  return text;
}

export class HelloServer {
  /** The policy's text, or undefined for none; what a header says that only reports. */
  policy = undefined;
  isReportOnly = false;
  /** Paths and compressed bytes of what was served, and the reports of violations, since `forget`. */
  served = [];
  reports = [];

  #bodies = new Map();

  constructor(mounts) {
    this.mounts = mounts;
    this.server = createServer((request, response) => void this.#answer(request, response));
  }

  async listen() {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.address = `http://127.0.0.1:${this.server.address().port}`;
  }

  forget() {
    this.served = [];
    this.reports = [];
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }

  async #answer(request, response) {
    if (request.method === 'POST') {
      this.reports.push(JSON.parse(await textOf(request))['csp-report']);
      response.writeHead(204).end();
      return;
    }
    const file = fileOf(this.mounts, request.url);
    if (!file) {
      response.writeHead(404).end();
      return;
    }
    const { body, headers } = this.#bodyOf(file);
    this.served.push({ path: request.url, bytes: body.length });
    response.writeHead(200, { ...headers, ...this.#policyHeader() }).end(body);
  }

  #policyHeader() {
    if (this.policy === undefined) return {};
    return this.isReportOnly
      ? { 'Content-Security-Policy-Report-Only': `${this.policy}; report-uri /reports` }
      : { 'Content-Security-Policy': this.policy };
  }

  #bodyOf(file) {
    if (!this.#bodies.has(file)) this.#bodies.set(file, encode(file));
    return this.#bodies.get(file);
  }
}

function encode(file) {
  const type = { 'Content-Type': types[extname(file)] ?? 'application/octet-stream' };
  const body = readFileSync(file);
  return compressed.includes(extname(file))
    ? { body: brotliCompressSync(body, quality), headers: { ...type, 'Content-Encoding': 'br' } }
    : { body, headers: type };
}
