// A web server for tests: files of some folders, on 127.0.0.1.
import { once } from 'node:events';
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

export const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.jpg': 'image/jpeg',
  '.wasm': 'application/wasm',
};

/** The path of the file at the address, or undefined. */
export function fileOf(mounts, address) {
  const path = normalize(decodeURIComponent(new URL(address, 'http://localhost').pathname));
  // The first matching prefix counts.
  for (const [prefix, folder] of Object.entries(mounts)) {
    if (!path.startsWith(prefix)) continue;
    let file = join(folder, path.slice(prefix.length));
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) file = join(file, 'index.html');
    if (statSync(file, { throwIfNoEntry: false })?.isFile()) return file;
  }
  return undefined;
}

async function give({ status = 200, type = 'text/javascript', body = '', delay = 0 }, response) {
  await new Promise((resolve) => setTimeout(resolve, delay));
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(body);
}

/**
 * Serves each folder of `mounts` under its prefix; a path that matches `missing` gets 404.
 * @param {Record<string, string>} mounts
 * @param {{
 *   missing?: RegExp,
 *   headers?: Record<string, string>,
 *   answers?: Record<string, { status?: number, type?: string, body?: string | Buffer, delay?: number }>,
 * }} options `answers`, which a test may change, take precedence over files: the answer of a path, sent
 *   after `delay` milliseconds
 */
export async function serve(mounts, { missing, headers, answers = {} } = {}) {
  const server = createServer((request, response) => {
    const answer = answers[request.url];
    if (answer) {
      void give(answer, response);
      return;
    }
    const file = missing?.test(request.url) ? undefined : fileOf(mounts, request.url);
    if (!file) {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found');
      return;
    }
    const type = types[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { ...headers, 'Content-Type': type, 'Cache-Control': 'no-store' });
    createReadStream(file).pipe(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
