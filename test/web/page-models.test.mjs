// Models on the built page in headless Chromium and Firefox: models from files, and how a model is fed and read.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { models, pathOf } from '../../web/package/bin/models.mjs';
import { launch, launchFirefox } from './support/browser.mjs';
import { withoutBrowser } from './support/browsers.mjs';
import { cameraCodec, clipCodec, inClip, makeClip } from './support/clips.mjs';
import { folders } from './support/folders.mjs';
import {
  assertNear,
  assertPersonBefore,
  colourAt,
  drop,
  eventually,
  result,
  resultOf,
  source,
  unfold,
  withPage as openPage,
} from './support/page.mjs';
import { serve } from './support/server.mjs';
import { colourNetwork } from './support/tflite.mjs';

const portrait = join(folders.media, 'grace_hopper.jpg');
const skip =
  (!models.some(pathOf) && 'no model is installed') ||
  (!existsSync(portrait) && `${portrait} is missing`);

const colour = [0x2f, 0x6f, 0x5e];
const inPortrait = { person: [0.45, 0.5], background: [0.95, 0.1] };
const settings = 'background=color';

const without = (id) => {
  const model = models.find((each) => each.id === id);
  return pathOf(model) ? false : `no ${model.file}`;
};

/** A network that gives class 2 for every pixel. */
const everywhere = colourNetwork({
  weights: [
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ],
  biases: [0, 0, 20],
});

for (const browserName of ['chromium', 'firefox']) {
  describe(
    `models on the page in ${browserName}`,
    { skip: skip || withoutBrowser(browserName) },
    () => {
      const inFirefox = browserName === 'firefox';
      const skipInFirefox = inFirefox && 'to save time';
      let folder, server, browser;

      before(async () => {
        folder = mkdtempSync(join(tmpdir(), 'backdrop-'));
        const camera = join(folder, inFirefox ? 'camera.webm' : 'camera.mjpeg');
        makeClip(camera, inFirefox ? clipCodec : cameraCodec);
        server = await serve({ '/': folders.demo });
        browser = inFirefox ? await launchFirefox() : await launch({ camera });
      });
      after(async () => {
        await browser?.close();
        server?.close();
        rmSync(folder, { recursive: true });
      });

      const withPage = (action, options) =>
        openPage(browser, server.address, action, {
          settings,
          ...(inFirefox && { camera: join(folder, 'camera.webm') }),
          ...options,
        });

      const unfoldOverrides = (page) => page.getByText('The model’s input and output').click();
      const described = (page, pattern) =>
        eventually(async () =>
          assert.match(await page.locator('#model-description').textContent(), pattern),
        );
      const problemOf = async (page) => {
        await page.locator('#model-problem:not([hidden])').waitFor();
        return page.locator('#model-problem').textContent();
      };
      /** The whole result is the source, or the whole result is the colour. */
      const assertAll = (page, what) =>
        eventually(async () => {
          for (const place of Object.values(inPortrait)) {
            const expected = what === 'source' ? await colourAt(page, source, place) : colour;
            assertNear(await colourAt(page, result, place), expected, 12, what);
          }
        });

      it('run as their own, dropped', () =>
        withPage(async (page) => {
          await resultOf(page);
          await drop(page, everywhere, 'mine.tflite', '');
          await described(page, /16x8.*assumed/);
          assert.equal(await page.locator('#model option:checked').textContent(), 'mine.tflite');
          await assertAll(page, 'source');
          // A link can't contain the file.
          await eventually(() => assert.equal(new URL(page.url()).hash, '#background=color'));
        }));

      it('run as their own, chosen, on a camera', { skip: skipInFirefox }, () =>
        withPage(
          async (page) => {
            await resultOf(page);
            const file = { name: 'mine.tflite', mimeType: '', buffer: Buffer.from(everywhere) };
            await page.locator('#model-file').setInputFiles(file);
            await described(page, /16x8/);
            await eventually(async () => {
              const room = await colourAt(page, source, inClip.background);
              assertNear(await colourAt(page, result, inClip.background), room, 20, 'the room');
            });
          },
          { settings: 'background=color&source=camera' },
        ),
      );

      it('keep the classes that are ticked', { skip: skipInFirefox }, () =>
        withPage(async (page) => {
          await resultOf(page);
          await drop(page, everywhere, 'mine.tflite', '');
          await assertAll(page, 'source');
          await unfoldOverrides(page);
          const boxes = page.getByRole('group', { name: 'Keep' }).getByRole('checkbox');
          assert.deepEqual(await boxes.evaluateAll((all) => all.map(({ checked }) => checked)), [
            false,
            true,
            true,
          ]);
          await page.getByLabel('Class 2').press('Space');
          await assertAll(page, 'colour');
          await page.getByLabel('Class 1').click();
          assert.match(await problemOf(page), /At least one class/);
          assert.ok(await page.getByLabel('Class 1').isChecked());
          await page.getByLabel('Class 2').check();
          await assertAll(page, 'source');
        }),
      );

      it('can be planned for another size', { skip: skipInFirefox }, () =>
        withPage(async (page) => {
          await resultOf(page);
          await drop(page, everywhere, 'mine.tflite', '');
          await described(page, /16x8/);
          await unfoldOverrides(page);
          await page.getByLabel('Network size').selectOption('320x180');
          await described(page, /320x180/);
          await assertAll(page, 'source');
          await page.getByLabel('Input range').selectOption('-1,1');
          await page.getByLabel('Channel order').selectOption('bgr');
          await described(page, /BGR, -1 to 1/);
        }),
      );

      it('say why they can’t be read otherwise, and go on as before', { skip: skipInFirefox }, () =>
        withPage(async (page) => {
          await resultOf(page);
          await drop(page, everywhere, 'mine.tflite', '');
          await described(page, /16x8/);
          await unfoldOverrides(page);
          await page.getByLabel('Output').selectOption('label');
          assert.match(await problemOf(page), /1 channel/);
          assert.equal(await page.getByLabel('Output').inputValue(), 'auto');
          await assertAll(page, 'source');
        }),
      );

      it('are recognized by their bytes', { skip: skipInFirefox || without('meet-lite') }, () =>
        withPage(async (page) => {
          await resultOf(page);
          const path = pathOf(models.find(({ id }) => id === 'meet-lite'));
          await drop(page, path, 'renamed.tflite', '');
          await described(page, /160x96(?!.*assumed)/);
          await unfoldOverrides(page);
          await page.getByRole('checkbox', { name: 'person' }).waitFor();
          await assertPersonBefore(page, colour, inPortrait);
        }),
      );

      it('run as a link says', { skip: without('bodypix') }, () =>
        withPage(
          async (page) => {
            const assertRuns = async () => {
              await described(page, /320x180/);
              assert.equal(await page.locator('#model').inputValue(), 'bodypix');
              assert.equal(await page.locator('#size').inputValue(), '320x180');
              await assertPersonBefore(page, colour, inPortrait);
            };
            await assertRuns();
            await page.reload();
            await assertRuns();
            await unfold(page, 'Engine');
            // Another model is planned for its own file's size.
            await page.locator('#model').selectOption({ index: 0 });
            assert.equal(await page.locator('#size').inputValue(), 'file');
          },
          { settings: 'background=color&model=bodypix&size=320x180' },
        ),
      );

      it(
        'go back to their own size where a link asks for what they can’t do',
        { skip: skipInFirefox },
        () =>
          withPage(
            async (page) => {
              assert.match(await problemOf(page), /1 channel|channels/);
              await eventually(async () =>
                assert.equal(await page.locator('#output').inputValue(), 'auto'),
              );
              await assertPersonBefore(page, colour, inPortrait);
            },
            { settings: 'background=color&output=logits' },
          ),
      );

      describe('that can’t be used', () => {
        const unusable = {
          'empty.tflite': [() => Buffer.alloc(0), /empty/],
          'text.tflite': [() => Buffer.from('no model'), /not a \.tflite/],
          'cut.tflite': [() => Buffer.from(everywhere.subarray(0, 300)), /./],
          'large.tflite': [undefined, /2048 MB/],
        };
        for (const [name, [bytes, reason]] of Object.entries(unusable)) {
          const skip = name !== 'cut.tflite' && skipInFirefox;
          it(`are named with the reason, and what ran goes on: ${name}`, { skip }, () =>
            withPage(async (page) => {
              await assertPersonBefore(page, colour, inPortrait);
              const path = join(folder, name);
              writeFileSync(path, bytes?.() ?? '');
              if (!bytes) truncateSync(path, 2 ** 31);
              await page.locator('#model-file').setInputFiles(path);
              const problem = await problemOf(page);
              assert.ok(problem.startsWith(`“${name}” can’t be used: `), problem);
              assert.match(problem, reason);
              assert.doesNotMatch(problem, /\n/);
              await assertPersonBefore(page, colour, inPortrait);
              assert.notEqual(await page.locator('#model').inputValue(), 'own');
            }),
          );
        }
      });
    },
  );
}
