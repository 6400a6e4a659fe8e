// The engine on several threads in headless Chromium, in pages with and without cross-origin isolation.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { models, pathOf } from '../../web/package/bin/models.mjs';
import { launch } from './support/browser.mjs';
import { folders } from './support/folders.mjs';
import { serve } from './support/server.mjs';

const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
const threadScript = '/web/package/dist/engine/thread.js';
const installed = models.filter(pathOf);
const [someModel] = installed;

describe('threads in Chromium', { skip: someModel ? false : 'no model is installed' }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  /** Calls functions of in-page.mjs in a page that is served with these headers. */
  async function withPage({ files, ...options }, use) {
    const modelFiles = Object.fromEntries(
      installed.map((model) => [`/models/${model.file}`, pathOf(model)]),
    );
    const server = await serve({ ...files, ...modelFiles, '/': folders.root }, options);
    const page = await browser.newPage();
    try {
      await page.goto(`${server.address}/test/web/support/blank.html`);
      await page.waitForFunction(() => globalThis.inPage);
      return await use((name, ...args) =>
        page.evaluate(([name, args]) => globalThis.inPage[name](...args), [name, args]),
      );
    } finally {
      await page.close();
      server.close();
    }
  }

  const inWorker = (options, ...call) =>
    withPage({ headers: isolation, ...options }, (inPage) => inPage('inWorker', ...call));

  // The partition of the work does not depend on the variant.
  for (const [variant, compared] of Object.entries({ simd: [someModel], relaxed: installed })) {
    describe(variant, () => {
      for (const model of compared) {
        it(`the same output of ${model.id} as on one thread, bit for bit`, async () => {
          const result = await inWorker({}, 'compareNetworks', variant, model, 3);
          assert.equal(result.threads, 3);
          assert.ok(result.values > 0);
          assert.equal(result.different, 0);
        });
      }
    });
  }

  it('the same frames as on one thread, at changing sizes', async () => {
    const result = await inWorker({}, 'compareFrames', 'relaxed', someModel, 2, 60);
    assert.deepEqual(result, { threads: 2, frames: 60, different: 0 });
  });

  it('more threads than cores', async () => {
    const result = await inWorker({}, 'compareFrames', 'simd', someModel, 8, 20);
    assert.deepEqual(result, { threads: 8, frames: 20, different: 0 });
  });

  it('engines made and closed one after the other', async () => {
    const threads = await inWorker({}, 'createAndClose', 'simd', someModel, 10);
    assert.deepEqual(threads, Array(10).fill(2));
  });

  it('an engine whose threads were ended does the work alone', async () => {
    assert.ok(await inWorker({}, 'goesOnClosed', 'simd', someModel));
  });

  it('errors can be read from shared memory', async () => {
    const { code, message } = await inWorker({}, 'sharedError', 'simd', someModel);
    assert.equal(code, 'argument');
    assert.match(message, /coverage/);
  });

  describe('one thread where others do not start', () => {
    it('because their script is missing', async () => {
      const result = await inWorker(
        { missing: /thread\.js/ },
        'compareFrames',
        'simd',
        someModel,
        2,
        2,
      );
      assert.deepEqual(result, { threads: 1, frames: 2, different: 0 });
    });

    it('because they never answer', async () => {
      const files = { [threadScript]: join(folders.package, 'dist/engine/protocol.js') };
      const result = await inWorker({ files }, 'compareFrames', 'simd', someModel, 2, 2);
      assert.deepEqual(result, { threads: 1, frames: 2, different: 0 });
    });
  });

  describe("the package's Worker", () => {
    it('has threads in a page that is cross-origin isolated', () =>
      withPage({ headers: isolation }, async (inPage) => {
        assert.ok((await inPage('threadsOf', someModel)) > 1);
      }));

    it('has one thread in any other', () =>
      withPage({}, async (inPage) => {
        assert.equal(await inPage('threadsOf', someModel), 1);
      }));

    for (const kind of ['I420', 'RGBA', 'ImageData', 'ImageBitmap']) {
      it(`takes and gives pictures from shared memory: ${kind}`, () =>
        withPage({ headers: isolation }, async (inPage) => {
          const { change } = await inPage('process', someModel, { kind: 'none' }, kind, 64, 48);
          assert.ok(change <= 1, `a difference of ${change}`);
          const color = { kind: 'color', rgb: 0x00c800 };
          const result = await inPage('process', someModel, color, kind, 322, 183);
          assert.ok(result.change > 20);
        }));
    }
  });
});
