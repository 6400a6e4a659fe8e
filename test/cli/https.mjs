// Plays the whole of HTTPS: a proxy whose every tunnel ends at one server with a certificate of its
// own making, so that the command line asks for its real addresses.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer as createProxy } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';

function makeCertificate(folder, hosts) {
  const key = join(folder, 'key.pem');
  const certificate = join(folder, 'certificate.pem');
  const names = hosts.map((host) => `DNS:${host}`).join(',');
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
      .concat(['-subj', '/CN=test', '-addext', `subjectAltName=${names}`])
      .concat(['-days', '2', '-keyout', key, '-out', certificate]),
    { stdio: 'pipe' },
  );
  return { key: readFileSync(key), cert: readFileSync(certificate), certificate };
}

export class Web {
  /** What the server does with a request; the tests set it. */
  answer = undefined;
  /** The requests that came. */
  requests = [];

  static async open(folder, hosts) {
    const web = new Web();
    const { certificate, ...identity } = makeCertificate(folder, hosts);
    web.certificate = certificate;
    web.server = createServer(identity, (request, response) => {
      web.requests.push(request);
      web.answer(request, response);
    });
    web.proxy = createProxy().on('connect', (_request, socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      web.server.emit('connection', socket);
    });
    await new Promise((resolve) => web.proxy.listen(0, '127.0.0.1', resolve));
    return web;
  }

  close() {
    this.proxy.close();
  }

  /** The environment of a program whose whole web this is. */
  get environment() {
    const proxy = `http://127.0.0.1:${this.proxy.address().port}`;
    return { HTTPS_PROXY: proxy, https_proxy: proxy, NO_PROXY: '', no_proxy: '' };
  }
}

/** Answers with the bytes, or with those that the request's Range asks for. */
export function sendRange(request, response, bytes) {
  const [, start] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  if (start === undefined) {
    response.end(bytes);
  } else if (Number(start) >= bytes.length) {
    response.writeHead(416, { 'Content-Range': `bytes */${bytes.length}` }).end();
  } else {
    const range = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
    response.writeHead(206, { 'Content-Range': range }).end(bytes.subarray(Number(start)));
  }
}
