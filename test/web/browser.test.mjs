// The engine and its Worker in headless Chromium, under a strict Content Security Policy.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { models, pathOf } from '../../web/package/bin/models.mjs';
import { launch } from './support/browser.mjs';
import { folders, unless } from './support/folders.mjs';
import { photos } from './support/golden.mjs';
import { serve } from './support/server.mjs';

const someModel = models.find(pathOf);
const withoutModel = someModel ? false : 'no model is installed';

describe('in Chromium', () => {
  let server, browser, page;
  const problems = [];

  before(async () => {
    const modelFiles = Object.fromEntries(
      models.filter(pathOf).map((model) => [`/models/${model.file}`, pathOf(model)]),
    );
    server = await serve({ ...modelFiles, '/golden/': folders.golden, '/': folders.root });
    browser = await launch();
    page = await browser.newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    await page.goto(`${server.address}/test/web/support/blank.html`);
    await page.waitForFunction(() => globalThis.backdropTests);
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });

  const inPage = (name, ...args) =>
    page.evaluate(([name, args]) => globalThis.backdropTests[name](...args), [name, args]);

  for (const variant of ['scalar', 'simd', 'relaxed']) {
    describe(`answers as TensorFlow Lite does: ${variant}`, () => {
      for (const model of models) {
        const skip = unless(folders.golden) || (pathOf(model) ? false : `no ${model.file}`);
        it(model.id, { skip }, async () => {
          for (const photo of photos) {
            assert.equal(await inPage('compare', variant, model, photo), '', photo);
          }
        });
      }
    });
  }

  describe('the Worker', { skip: withoutModel }, () => {
    const color = { kind: 'color', rgb: 0x00c800 };

    for (const [kind, format] of [
      ['I420', 'I420'],
      ['RGBA', 'RGBA'],
    ]) {
      it(`gives VideoFrames in ${format} for ${kind}`, async () => {
        const result = await inPage('process', someModel, color, kind, 322, 183);
        const { width, height, timestamp, duration } = result;
        assert.equal(result.kind, 'VideoFrame');
        assert.equal(result.format, format);
        assert.deepEqual(
          { width, height, timestamp, duration },
          {
            width: 322,
            height: 183,
            timestamp: 40,
            duration: 20,
          },
        );
        assert.ok(result.sourceIsGone);
        assert.ok(result.change > 20);
        for (const milliseconds of Object.values(result.statistics)) assert.ok(milliseconds >= 0);
      });
    }

    for (const kind of ['ImageData', 'ImageBitmap']) {
      it(`gives an ${kind} for one`, async () => {
        const result = await inPage('process', someModel, color, kind, 65, 33);
        assert.equal(result.kind, kind);
        assert.deepEqual([result.width, result.height], [65, 33]);
        assert.ok(result.change > 20);
      });
    }

    for (const kind of ['I420', 'RGBA', 'ImageData', 'ImageBitmap']) {
      it(`leaves pictures as they are with no background: ${kind}`, async () => {
        const { change } = await inPage('process', someModel, { kind: 'none' }, kind, 64, 48);
        assert.ok(change <= 1, `a difference of ${change}`);
      });
    }

    it('says what is wrong with a model', async () => {
      const missing = await inPage('startError', '/models/nothing.tflite', 'simd');
      assert.equal(missing.code, 'fetch');
      assert.match(missing.message, /nothing\.tflite.*404/);
      const foreign = await inPage('startError', '/test/web/support/blank.html', 'simd');
      assert.equal(foreign.code, 'model');
    });

    it('refuses a frame without giving any, and goes on', async () => {
      const { refused, goesOn, pending } = await inPage('refusedFrame', someModel);
      assert.equal(refused.code, 'argument');
      assert.equal(goesOn, 'I420');
      assert.equal(pending.name, 'BackdropError');
    });
  });

  it('had nothing to complain of', () => {
    const unexpected = problems.filter((problem) => !problem.includes('404'));
    assert.deepEqual(unexpected, []);
  });
});
