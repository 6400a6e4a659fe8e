// The engine and its Worker in headless Chromium and Firefox, under a strict Content Security Policy.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { models, pathOf } from '../../web/package/bin/models.mjs';
import { browserNames, launchBrowser, withoutBrowser } from './support/browsers.mjs';
import { folders, goldenPhotos } from './support/folders.mjs';
import { serve } from './support/server.mjs';

const someModel = models.find(pathOf);
const withoutModel = someModel ? false : 'no model is installed';

for (const name of browserNames) {
  describe(`in ${name}`, { skip: withoutBrowser(name) }, () => {
    let server, browser, page;

    before(async () => {
      const modelFiles = Object.fromEntries(
        models.filter(pathOf).map((model) => [`/models/${model.file}`, pathOf(model)]),
      );
      server = await serve({ ...modelFiles, '/golden/': folders.golden, '/': folders.root });
      browser = await launchBrowser(name);
      page = await browser.open(`${server.address}/test/web/support/blank.html`);
    });
    after(async () => {
      await browser?.close();
      server?.close();
    });

    // Other tests cover the others in Node and Chromium.
    for (const variant of name === 'firefox' ? ['relaxed'] : ['scalar', 'simd', 'relaxed']) {
      describe(`answers as TensorFlow Lite does: ${variant}`, () => {
        for (const model of models) {
          const photos = goldenPhotos(model);
          const skip =
            (photos.length === 0 && 'no reference output') ||
            (!pathOf(model) && `no ${model.file}`);
          it(model.id, { skip }, async () => {
            for (const photo of photos) {
              assert.equal(await page.call('compare', variant, model, photo), '', photo);
            }
          });
        }
      });
    }

    describe('the Worker', { skip: withoutModel }, () => {
      // Firefox makes no I420 frames of odd sizes.
      const height = name === 'firefox' ? 184 : 183;
      const color = { kind: 'color', rgb: 0x00c800 };

      for (const kind of ['I420', 'RGBA']) {
        it(`gives VideoFrames in their own format: ${kind}`, async () => {
          const result = await page.call('process', someModel, color, kind, 322, height);
          assert.equal(result.kind, 'VideoFrame');
          assert.equal(result.format, result.sourceFormat);
          assert.deepEqual([result.width, result.height], [322, height]);
          assert.deepEqual([result.timestamp, result.duration], [40, 20]);
          assert.ok(result.sourceIsGone);
          assert.ok(result.change > 20);
          const { copy, sample, infer, matte, composite } = result.statistics;
          for (const time of [copy, sample, infer, matte, composite]) assert.ok(time >= 0);
        });
      }

      for (const kind of ['ImageData', 'ImageBitmap']) {
        it(`gives an ${kind} for one`, async () => {
          const result = await page.call('process', someModel, color, kind, 65, 33);
          assert.equal(result.kind, kind);
          assert.deepEqual([result.width, result.height], [65, 33]);
          assert.ok(result.change > 20);
        });
      }

      for (const kind of ['I420', 'RGBA', 'ImageData', 'ImageBitmap']) {
        it(`leaves pictures as they are with no background: ${kind}`, async () => {
          const { change } = await page.call('process', someModel, { kind: 'none' }, kind, 64, 48);
          assert.ok(change <= 1, `a difference of ${change}`);
        });
      }

      it('says what is wrong with a model', async () => {
        const missing = await page.call('startError', '/models/nothing.tflite', 'simd');
        assert.equal(missing.code, 'fetch');
        assert.match(missing.message, /nothing\.tflite.*404/);
        const foreign = await page.call('startError', '/test/web/support/blank.html', 'simd');
        assert.equal(foreign.code, 'model');
      });

      it('refuses frames and changes, and goes on', async () => {
        const { frame, change, goesOn, pending } = await page.call('refusals', someModel);
        assert.equal(frame.code, 'argument');
        assert.equal(change.code, 'argument');
        assert.equal(goesOn, 'I420');
        assert.equal(pending.name, 'BackdropError');
      });
    });

    it('logged no errors', () => {
      const unexpected = page.problems.filter((problem) => !problem.includes('404'));
      assert.deepEqual(unexpected, []);
    });
  });
}
