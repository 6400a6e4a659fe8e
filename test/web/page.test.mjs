// The built page in headless Chromium and Firefox, as a user sees it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { png } from '../cli/pictures.mjs';
import { models, pathOf } from '../../web/package/bin/models.mjs';
import { launch, launchFirefox, softwareGpu } from './support/browser.mjs';
import { withoutBrowser } from './support/browsers.mjs';
import { cameraCodec, clipCodec, inClip, makeClip } from './support/clips.mjs';
import { folders } from './support/folders.mjs';
import {
  alertOf,
  assertBlank,
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

const portrait = join(folders.media, 'grace_hopper.jpg');
const installed = models.filter(pathOf);
const skip =
  (installed.length === 0 && 'no model is installed') ||
  (!existsSync(portrait) && `${portrait} is missing`);

const colour = [0x2f, 0x6f, 0x5e];
const inPortrait = { person: [0.45, 0.5], background: [0.95, 0.1] };

/** Builds the page with this model only. */
function buildPageWith(model, folder) {
  const BACKDROP_MODELS = join(folder, 'models');
  mkdirSync(BACKDROP_MODELS);
  copyFileSync(pathOf(model), join(BACKDROP_MODELS, model.file));
  const page = join(folder, 'page');
  const vite = join(folders.root, 'node_modules/vite/bin/vite.js');
  execFileSync(
    process.execPath,
    [vite, 'build', join(folders.root, 'web/demo'), '--outDir', page, '--logLevel', 'error'],
    { env: { ...process.env, BACKDROP_MODELS } },
  );
  return page;
}

for (const browserName of ['chromium', 'firefox']) {
  describe(`the page in ${browserName}`, { skip: skip || withoutBrowser(browserName) }, () => {
    const inFirefox = browserName === 'firefox';
    const withoutEmulation = inFirefox && 'Firefox’s driver emulates no forced colours';
    const withoutEvents = inFirefox && 'Firefox gives a track no events that a page makes up';
    const withoutGpu = inFirefox && 'headless Firefox has no WebGL without a display';
    // WebGL in software slows a page down, so only the tests that need it use this browser.
    let folder, server, browser, browserWithGpu;

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'backdrop-'));
      makeClip(join(folder, 'camera.mjpeg'), cameraCodec);
      makeClip(join(folder, 'clip.webm'), clipCodec);
      server = await serve({ '/': folders.demo });
      if (inFirefox) {
        browser = await launchFirefox();
        return;
      }
      const camera = join(folder, 'camera.mjpeg');
      browser = await launch({ camera });
      browserWithGpu = await launch({ camera, flags: softwareGpu });
    });
    after(async () => {
      await browser?.close();
      await browserWithGpu?.close();
      server?.close();
      rmSync(folder, { recursive: true });
    });

    /** Firefox is launched with this permission. */
    const allowClipboard = async (page) => {
      if (inFirefox) return;
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    };

    const withPage = (action, { within = browser, address = server.address, ...options } = {}) =>
      openPage(within, address, action, {
        ...(inFirefox && { camera: join(folder, 'clip.webm') }),
        ...options,
      });

    describe('sources', () => {
      it('shows the portrait with another background', () =>
        withPage(async (page) => {
          await resultOf(page);
          await page.getByRole('radio', { name: 'Colour' }).check();
          await assertPersonBefore(page, colour, inPortrait);
        }));

      // WebGL in software takes a second for a large frame.
      for (const [pipeline, wanted] of [
        ['engine', [1280, 720]],
        ['webgl2', [640, 360]],
        ['canvas2d', [1280, 720]],
      ]) {
        const needsGpu = pipeline === 'webgl2';
        it(`processes a camera by the pipeline ${pipeline}`, { skip: needsGpu && withoutGpu }, () =>
          withPage(
            async (page) => {
              await page.getByRole('button', { name: 'Camera' }).click();
              await resultOf(page);
              await eventually(async () =>
                assert.ok(Number(await page.locator('#fps-out').textContent()) > 0),
              );
              const size = await page
                .locator('#result video')
                .evaluate(({ videoWidth, videoHeight }) => [videoWidth, videoHeight]);
              assert.deepEqual(size, wanted);
              await assertPersonBefore(page, colour, inClip);
            },
            {
              within: needsGpu ? browserWithGpu : browser,
              settings: `background=color&pipeline=${pipeline}&resolution=${wanted.join('x')}`,
            },
          ),
        );
      }

      it('processes a clip', () =>
        withPage(
          async (page) => {
            await page.locator('#clip-file').setInputFiles(join(folder, 'clip.webm'));
            await page.getByText('clip.webm').waitFor();
            await resultOf(page);
            await assertPersonBefore(page, colour, inClip);
          },
          { settings: 'background=color' },
        ));

      it('processes a photo that is dropped', () =>
        withPage(
          async (page) => {
            await resultOf(page);
            await drop(page, portrait, 'dropped.jpg', 'image/jpeg');
            await page.getByText('dropped.jpg').waitFor();
            await resultOf(page);
            await assertPersonBefore(page, colour, inPortrait);
          },
          { settings: 'background=color' },
        ));

      it('lets choose a camera and its resolution, and stops it', () =>
        withPage(
          async (page) => {
            await resultOf(page);
            assert.ok((await page.locator('#camera-device option').count()) > 1);
            const video = page.locator('#source-view video');
            const track = await (
              await video.elementHandle()
            ).evaluateHandle(({ srcObject }) => srcObject.getTracks()[0]);
            await page.getByLabel('Resolution').selectOption('640x360');
            await eventually(async () =>
              assert.equal(await video.evaluate((v) => v.videoWidth), 640),
            );
            assert.equal(await track.evaluate(({ readyState }) => readyState), 'ended');
            // A click waits for two frames of the page, which take a busy Firefox long to draw.
            await page.getByRole('button', { name: 'Stop' }).press('Enter');
            await page.getByText('Choose a source', { exact: true }).waitFor();
            await assertBlank(page);
            assert.equal(await video.count(), 0);
          },
          { settings: 'source=camera' },
        ));

      it(
        'is blank when the camera is unplugged, and comes back with it',
        { skip: withoutEvents },
        () =>
          withPage(
            async (page) => {
              await resultOf(page);
              await page.locator('#source-view video').evaluate(({ srcObject }) => {
                const [track] = srcObject.getTracks();
                track.stop();
                track.dispatchEvent(new Event('ended'));
              });
              await page.getByRole('alert').waitFor();
              assert.match(await alertOf(page), /was disconnected/);
              await eventually(() => assertBlank(page));
              await page.evaluate(() =>
                navigator.mediaDevices.dispatchEvent(new Event('devicechange')),
              );
              await resultOf(page);
              assert.equal(await page.getByRole('alert').isVisible(), false);
              await assertPersonBefore(page, colour, inClip);
            },
            { settings: 'source=camera&background=color' },
          ),
      );
    });

    describe('settings', () => {
      it('puts pictures behind the person, its own and yours', () =>
        withPage(async (page) => {
          await resultOf(page);
          const seen = new Set();
          const look = () =>
            eventually(async () => {
              const at = String(
                (await colourAt(page, result, inPortrait.background)).map(Math.round),
              );
              assert.ok(!seen.has(at), `${at} again`);
              seen.add(at);
              assert.equal(await page.getByRole('alert').isVisible(), false);
            });
          await look();
          const names = [
            'None',
            'Blur',
            'Loft',
            'City lights',
            'Mist',
            'Paper',
            'Colour',
            'Cut out',
          ];
          for (const name of names) {
            await page.getByRole('radio', { name }).check();
            await look();
          }
          const buffer = png({ width: 64, height: 36, pixelAt: () => [0x20, 0x60, 0xc0] });
          const own = { name: 'own.png', mimeType: 'image/png', buffer };
          await page.locator('#own-file').setInputFiles(own);
          await look();
          assert.ok(await page.locator('input[value=own]').isChecked());
        }));

      it('offers your picture again at the next visit, until you remove it', () =>
        withPage(async (page) => {
          const pixel = [0x20, 0x60, 0xc0];
          const buffer = png({ width: 64, height: 36, pixelAt: () => pixel });
          const isOffered = () =>
            page.locator('#own-tile canvas').evaluate((tile) => {
              return tile.getContext('2d').getImageData(9, 9, 1, 1).data[3] === 255;
            });
          await resultOf(page);
          assert.equal(await isOffered(), false);
          await page
            .locator('#own-file')
            .setInputFiles({ name: 'own.png', mimeType: 'image/png', buffer });
          await assertPersonBefore(page, pixel, inPortrait);
          await page.reload();
          await eventually(async () => assert.ok(await isOffered()));
          await page.getByRole('radio', { name: 'Your picture' }).check();
          await assertPersonBefore(page, pixel, inPortrait);
          await page.getByRole('button', { name: 'Remove this picture' }).click();
          assert.equal(await isOffered(), false);
          assert.ok(await page.locator('input[value=dunes]').isChecked());
          await page.reload();
          await resultOf(page);
          assert.equal(await isOffered(), false);
        }));

      it('shows all of a picture, where it is wanted', () =>
        withPage(async (page) => {
          await resultOf(page);
          const beside = page.getByLabel('Colour beside it');
          assert.equal(await beside.isVisible(), false);
          await page.getByRole('radio', { name: 'Show all' }).check();
          await beside.waitFor();
          await assertPersonBefore(page, colour, inPortrait);
          const middle = [0.95, 0.4];
          const at = await colourAt(page, result, middle);
          assert.ok(Math.max(...colour.map((v, i) => Math.abs(v - at[i]))) > 20, `${at}`);
          await page.getByLabel('Position').selectOption('Bottom');
          await assertPersonBefore(page, colour, { ...inPortrait, background: middle });
          const wanted = '#fit=contain&position=bottom';
          await eventually(() => assert.equal(new URL(page.url()).hash, wanted));
          await page.reload();
          await assertPersonBefore(page, colour, { ...inPortrait, background: middle });
          await page.getByRole('radio', { name: 'Blur' }).check();
          assert.equal(await page.getByLabel('Position').isVisible(), false);
        }));

      it('plays your video behind the person', () =>
        withPage(
          async (page) => {
            await resultOf(page);
            const before = await colourAt(page, result, inClip.background);
            await page.locator('#own-video-file').setInputFiles(join(folder, 'clip.webm'));
            await eventually(async () =>
              assert.ok(await page.locator('input[value=own-video]').isChecked()),
            );
            await eventually(async () => {
              const after = await colourAt(page, result, inClip.background);
              assert.ok(Math.max(...after.map((v, i) => Math.abs(v - before[i]))) > 20);
            });
            assert.equal(await page.getByRole('alert').isVisible(), false);
          },
          { settings: 'source=camera&background=color&color=%23e020a0' },
        ));

      it('shows what belongs to the pipeline', { skip: withoutGpu }, () =>
        withPage(
          async (page) => {
            await resultOf(page);
            await unfold(page, 'Engine');
            await unfold(page, 'Mask');
            const light = page.getByLabel('Light wrapping');
            assert.equal(await light.isVisible(), false);
            await page.getByLabel('Pipeline').selectOption('webgl2');
            await light.fill('0.5');
            await page.getByLabel('Refinement').selectOption('bilateral');
            await page.getByLabel('Sigma space').fill('2');
            const wanted = 'pipeline=webgl2&refinement=bilateral&sigmaSpace=2&lightWrapping=0.5';
            await eventually(() => assert.equal(new URL(page.url()).hash, `#${wanted}`));
            await resultOf(page);
            await page.getByLabel('Refinement').selectOption('none');
            assert.equal(await page.getByLabel('Sigma space').isVisible(), false);
          },
          { within: browserWithGpu },
        ),
      );

      it('runs each model, variant and pipeline', { skip: withoutGpu }, () =>
        withPage(
          async (page) => {
            await unfold(page, 'Engine');
            for (const select of ['#model', '#variant', '#pipeline']) {
              for (const option of await page.locator(`${select} option`).all()) {
                await page.locator(select).selectOption(await option.getAttribute('value'));
                await assertPersonBefore(page, colour, inPortrait);
              }
              await page.locator(select).selectOption({ index: 0 });
              await page.locator(select).selectOption({ index: 0 });
            }
          },
          { within: browserWithGpu, settings: 'background=color' },
        ),
      );

      it('stand in the address and survive a reload', () =>
        withPage(async (page) => {
          await page.getByRole('radio', { name: 'Paper' }).check();
          await unfold(page, 'Engine');
          await page.getByLabel('Pipeline').selectOption('canvas2d');
          await unfold(page, 'Mask');
          await page.getByLabel('Temporal smoothing').fill('0.25');
          await page.getByLabel('Keep the mask').uncheck();
          const wanted = 'background=paper&pipeline=canvas2d&steadying=0.25&motionGate=false';
          await eventually(() => assert.equal(new URL(page.url()).hash, `#${wanted}`));
          const assertSet = async () => {
            assert.ok(await page.getByRole('radio', { name: 'Paper' }).isChecked());
            assert.equal(await page.locator('#pipeline').inputValue(), 'canvas2d');
            assert.equal(await page.locator('[name=steadying]').inputValue(), '0.25');
            assert.equal(await page.locator('[name=motionGate]').isChecked(), false);
          };
          await page.reload();
          await assertSet();
          // The view is kept without the link, and another link shows another view.
          await page.goto('about:blank');
          await page.goto(server.address);
          await assertSet();
          await page.goto('about:blank');
          await page.goto(`${server.address}/#background=mist`);
          assert.ok(await page.getByRole('radio', { name: 'Mist' }).isChecked());
          assert.equal(await page.locator('#pipeline').inputValue(), 'engine');
        }));

      it('fall back silently when the address has wrong ones', () =>
        withPage(
          async (page) => {
            await resultOf(page);
            assert.ok(await page.getByRole('radio', { name: 'Dunes' }).isChecked());
            assert.equal(await page.locator('[name=strength]').inputValue(), '2.5');
            assert.equal(await page.locator('[name=low]').inputValue(), '0.4');
            assert.equal(await page.locator('#model').inputValue(), installed[0].id);
            assert.equal(await page.getByRole('alert').isVisible(), false);
            await eventually(() => assert.equal(new URL(page.url()).hash, ''));
          },
          {
            settings:
              'background=own&strength=1e9&low=0.9&high=0.2&model=%00&source=file&targetFps=-1&x=y',
          },
        ));

      it('have threads where the page is isolated only', async () => {
        const isolated = await serve(
          { '/': folders.demo },
          {
            headers: {
              'Cross-Origin-Opener-Policy': 'same-origin',
              'Cross-Origin-Embedder-Policy': 'require-corp',
            },
          },
        );
        const enabled = (page) => page.getByLabel('Threads').isEnabled();
        try {
          await withPage(async (page) => assert.equal(await enabled(page), false));
          await withPage(
            async (page) => {
              assert.equal(await enabled(page), true);
              await resultOf(page);
            },
            { address: isolated.address },
          );
        } finally {
          isolated.close();
        }
      });
    });

    describe('views', () => {
      it('begin with a picture behind the person, visibly', () =>
        withPage(async (page) => {
          await resultOf(page);
          assert.ok(await page.getByRole('radio', { name: 'Dunes' }).isChecked());
          const split = Number(
            await page.getByRole('slider', { name: 'Where' }).getAttribute('aria-valuenow'),
          );
          assert.ok(split < 100 * inPortrait.person[0], 'the person is behind the source');
          const [before, after] = [
            await colourAt(page, source, inPortrait.background),
            await colourAt(page, result, inPortrait.background),
          ];
          assert.ok(
            Math.max(...before.map((v, i) => Math.abs(v - after[i]))) > 30,
            `${before} and ${after}`,
          );
        }));

      for (const [width, height] of [
        [390, 844],
        [768, 1024],
      ]) {
        it(`keep the stage in view at ${width} x ${height}`, () =>
          withPage(
            async (page) => {
              await resultOf(page);
              const last = page.getByText('Your video');
              await last.scrollIntoViewIfNeeded();
              await page.mouse.wheel(0, 300);
              await eventually(async () => assert.ok((await page.evaluate(() => scrollY)) > 0));
              const frame = await page.locator('#frame').boundingBox();
              assert.ok(frame.y >= 0 && frame.height >= 200, JSON.stringify(frame));
              const stage = await page.locator('.stage').boundingBox();
              assert.ok(stage.y + stage.height <= 0.6 * height, JSON.stringify(stage));
            },
            { viewport: { width, height } },
          ));
      }

      it('show all of the stage without a margin at 1440 x 900, and keep it off the panels beneath', () =>
        withPage(
          async (page) => {
            await resultOf(page);
            const boxOf = (selector) => page.locator(selector).boundingBox();
            const [frame, screen] = [await boxOf('#frame'), await boxOf('.screen')];
            assert.ok(screen.height - frame.height < 1, `${frame.height} of ${screen.height}`);
            for (const height of [900, 640]) {
              await page.setViewportSize({ width: 1440, height });
              const { y, height: own } = await boxOf('#stage');
              assert.ok(y + own <= height, `${y + own} of ${height}`);
            }
            await page.evaluate(() => scrollTo(0, 200));
            assert.ok((await boxOf('#frame')).y >= 0);
            await page.evaluate(() => scrollTo(0, 10_000));
            const { y, height } = await boxOf('#stage');
            assert.ok(y + height <= (await boxOf('.developers')).y);
          },
          { settings: 'source=camera', viewport: { width: 1440, height: 900 } },
        ));

      it('moves the divider by keyboard and by pointer', () =>
        withPage(async (page) => {
          await resultOf(page);
          const divider = page.getByRole('slider', { name: 'Where the source ends' });
          const clip = () =>
            page.locator('#result-pane').evaluate((element) => getComputedStyle(element).clipPath);
          const presses = { ArrowRight: 37, ArrowLeft: 35, PageUp: 45, Home: 0, End: 100 };
          for (const [key, place] of Object.entries(presses)) {
            await divider.press(key);
            assert.equal(await divider.getAttribute('aria-valuenow'), String(place));
            assert.equal(await clip(), `inset(0px 0px 0px ${place}%)`);
          }
          const { x, y, width, height } = await page.locator('#frame').boundingBox();
          await page.mouse.click(x + width / 4, y + height / 2);
          assert.equal(await divider.getAttribute('aria-valuenow'), '25');
          await page.getByRole('radio', { name: 'Result only' }).check();
          assert.equal(await divider.isVisible(), false);
          assert.equal(await clip(), 'none');
        }));

      it('mark what is chosen in forced colours', { skip: withoutEmulation }, () =>
        withPage(async (page) => {
          await page.emulateMedia({ forcedColors: 'active' });
          const outlines = (selector) =>
            page
              .locator(selector)
              .evaluateAll((all) => all.map((e) => getComputedStyle(e).outlineStyle === 'solid'));
          for (const group of ['.tile .swatch', '#softness label', '.sources button']) {
            const marked = await outlines(group);
            assert.equal(marked.filter(Boolean).length, 1, group);
          }
        }),
      );

      it('can be used by keyboard', () =>
        withPage(async (page) => {
          await resultOf(page);
          await page.getByRole('radio', { name: 'Blur' }).focus();
          await page.keyboard.press('ArrowRight');
          assert.ok(await page.getByRole('radio', { name: 'Colour' }).isChecked());
          const unnamed = await page
            .locator('button, select, input:not([hidden])')
            .evaluateAll(
              (controls) =>
                controls.filter(
                  ({ labels, ariaLabel, textContent }) =>
                    !labels?.length && !ariaLabel && !textContent.trim(),
                ).length,
            );
          assert.equal(unnamed, 0);
        }));

      for (const width of [360, 768, 1440]) {
        it(`fits a width of ${width}`, () =>
          withPage(
            async (page) => {
              await resultOf(page);
              for (const panel of await page.locator('details.panel > summary').all())
                await panel.click();
              const widest = await page.evaluate(() => document.documentElement.scrollWidth);
              assert.ok(widest <= width, `${widest} pixels`);
              await page
                .getByRole('radio', { name: 'Your picture' })
                .evaluate((e) => (e.checked = true));
              const heights = await page
                .locator('.tile')
                .evaluateAll((all) => all.map((each) => each.clientHeight));
              assert.ok(Math.max(...heights) - Math.min(...heights) <= 2, `${heights}`);
            },
            { viewport: { width, height: 800 } },
          ));
      }
    });

    describe('what one takes home', () => {
      /** Presses the button, and reads the file that the page gives. */
      async function download(page, name) {
        const [file] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('button', { name }).click(),
        ]);
        return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
      }

      it('is a photo cut out, with alpha', () =>
        withPage(
          async (page) => {
            await resultOf(page);
            const { name, bytes } = await download(page, 'Save picture');
            assert.equal(name, 'backdrop-transparent.png');
            const alpha = await page.evaluate(
              async ([bytes, places]) => {
                const picture = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
                const context = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
                context.drawImage(picture, 0, 0);
                const at = ([x, y]) =>
                  context.getImageData(x * picture.width, y * picture.height, 1, 1).data[3];
                return [picture.width, ...places.map(at)];
              },
              [[...bytes], [inPortrait.person, inPortrait.background]],
            );
            const width = await page.locator(source).evaluate((canvas) => canvas.width);
            assert.deepEqual(alpha, [width, 255, 0]);
          },
          { settings: 'background=transparent' },
        ));

      it('is never a picture that is not processed', async () => {
        const without = await serve({ '/': folders.demo }, { missing: /\.tflite$/ });
        try {
          await withPage(
            async (page) => {
              await page.getByRole('alert').waitFor();
              assert.ok(await page.getByRole('button', { name: 'Save picture' }).isDisabled());
            },
            { address: without.address },
          );
        } finally {
          without.close();
        }
      });

      it('is a video of a camera, which also another source ends', () =>
        withPage(
          async (page) => {
            await resultOf(page);
            await page.getByRole('button', { name: 'Record' }).click();
            await page.waitForTimeout(1500);
            const { name, bytes } = await download(page, 'Stop and save');
            assert.equal(name, 'backdrop-color.webm');
            const buffer = Buffer.from(bytes);
            await page.getByRole('button', { name: 'Record' }).click();
            await page.waitForTimeout(500);
            const { name: second } = await download(page, 'Sample');
            // Firefox numbers files of one name.
            assert.match(second, /^backdrop-color(\(1\))?\.webm$/);
            await eventually(async () =>
              assert.equal(await page.getByRole('button', { name: 'Record' }).isVisible(), false),
            );
            await page
              .locator('#clip-file')
              .setInputFiles({ name: 'recorded.webm', mimeType: 'video/webm', buffer });
            await page.getByText('recorded.webm').waitFor();
            await eventually(async () =>
              assertNear(await colourAt(page, source, inClip.background), colour, 12, 'recorded'),
            );
          },
          { settings: 'source=camera&background=color' },
        ));

      it('is a link to the settings', () =>
        withPage(
          async (page) => {
            await allowClipboard(page);
            await resultOf(page);
            const assertLink = (settings) =>
              eventually(async () => {
                await page.getByRole('button', { name: 'Copy link' }).click();
                const link = await page.evaluate(() => navigator.clipboard.readText());
                assert.equal(link, `${server.address}/#${settings}`);
              });
            await page.getByRole('radio', { name: 'Mist' }).check();
            await assertLink('background=mist&split=20');
            await page.getByText('Link copied.').waitFor();
            // The defaults are a view as well, whatever is stored where the link is opened.
            await page.goto('about:blank');
            await page.goto(`${server.address}/#split=35&view=compare`);
            await resultOf(page);
            await assertLink('view=compare');
          },
          { settings: 'split=20' },
        ));

      it('fills the screen', () =>
        withPage(async (page) => {
          await resultOf(page);
          await page.getByRole('button', { name: 'Full screen' }).click();
          const leave = page.getByRole('button', { name: 'Leave full screen' });
          await leave.waitFor();
          const { width, height } = await page.locator('#stage').boundingBox();
          const [w, h] = await page.evaluate(() => [innerWidth, innerHeight]);
          assert.deepEqual([width, height], [w, h]);
          assert.ok((await page.locator('.screen').boundingBox()).height > 0.7 * h);
          await leave.click();
          await page.getByRole('button', { name: 'Full screen', exact: true }).waitFor();
        }));
    });

    describe('the simple view', () => {
      it('says what matters, and keeps the rest closed', () =>
        withPage(async (page) => {
          await resultOf(page);
          assert.equal(await page.locator('#state').textContent(), 'Ready');
          const open = page.getByRole('heading', { level: 2 });
          assert.deepEqual(await open.allTextContents(), [
            'Source',
            'Background',
            'Edges',
            'For developers',
            'Performance',
            'Loop-back call',
            'Benchmark',
            'Engine',
            'Mask',
          ]);
          assert.equal(await page.locator('details[open]').count(), 0);
          await unfold(page, 'Engine');
          await page.getByText(/Runs with: .*SIMD/).waitFor();
        }));

      it('makes edges soft or sharp', () =>
        withPage(
          async (page) => {
            await resultOf(page);
            const blended = () =>
              page.locator(result).evaluate((canvas) => {
                const { data } = canvas
                  .getContext('2d')
                  .getImageData(0, 0, canvas.width, canvas.height);
                return data.filter((value, i) => i % 4 === 3 && value > 0 && value < 255).length;
              });
            assert.ok(await page.getByRole('radio', { name: 'Medium' }).isChecked());
            const medium = await blended();
            await page.getByRole('radio', { name: 'Soft' }).check();
            await eventually(async () => assert.ok((await blended()) > 1.2 * medium));
            await page.getByRole('radio', { name: 'Sharp' }).check();
            await eventually(async () => assert.ok((await blended()) < 0.8 * medium));
            const sharp = await blended();
            await page.getByLabel('Follow fine outlines').uncheck();
            await eventually(async () => assert.notEqual(await blended(), sharp));
            const wanted = '#background=transparent&low=0.55&high=0.65&refinement=none';
            await eventually(() => assert.equal(new URL(page.url()).hash, wanted));
          },
          { settings: 'background=transparent' },
        ));
    });

    describe('a picture on the background’s panel', () => {
      const red = async (page) =>
        page.evaluate(async () => {
          const canvas = new OffscreenCanvas(64, 36);
          const context = canvas.getContext('2d');
          context.fillStyle = '#d01010';
          context.fillRect(0, 0, 64, 36);
          return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
        });
      const assertBehind = async (page) => {
        await assertPersonBefore(page, [0xd0, 0x10, 0x10], inPortrait);
        assert.match(await page.locator('#source-name').textContent(), /Hopper/);
      };

      it('is put behind the person when it is dropped', () =>
        withPage(async (page) => {
          await resultOf(page);
          const on = '#background-panel .tiles';
          await drop(page, await red(page), 'red.png', 'image/png', on);
          await assertBehind(page);
        }));

      it('is put behind the person when it is pasted', () =>
        withPage(async (page) => {
          await resultOf(page);
          await page.getByRole('radio', { name: 'Dunes' }).focus();
          await page.evaluate(
            (bytes) => {
              const clipboardData = new DataTransfer();
              clipboardData.items.add(
                new File([new Uint8Array(bytes)], 'red.png', { type: 'image/png' }),
              );
              const event = new ClipboardEvent('paste', { bubbles: true });
              // Firefox ignores files that the constructor is given.
              Object.defineProperty(event, 'clipboardData', { value: clipboardData });
              document.activeElement.dispatchEvent(event);
            },
            await red(page),
          );
          await assertBehind(page);
        }));
    });

    it('mirrors the view of a camera, and nothing else', () =>
      withPage(
        async (page) => {
          await resultOf(page);
          const assertScale = (scale) =>
            eventually(async () => {
              for (const pane of ['#source-view', '#result']) {
                const actual = await page.locator(pane).evaluate((e) => getComputedStyle(e).scale);
                assert.equal(actual, scale);
              }
            });
          await assertScale('-1 1');
          await page.getByLabel('Mirror my picture').uncheck();
          await assertScale('none');
          await eventually(() => assert.match(page.url(), /mirror=false/));
          await page.getByLabel('Mirror my picture').check();
          await assertScale('-1 1');
          // Neither the source's nor the processed track is mirrored.
          await assertPersonBefore(page, colour, inClip);
          await page.locator('#clip-file').setInputFiles(join(folder, 'clip.webm'));
          await page.getByText('clip.webm').waitFor();
          await assertScale('none');
        },
        { settings: 'source=camera&background=color' },
      ));

    it('shows what the other side of a call sees', () =>
      withPage(
        async (page) => {
          await unfold(page, 'Loop-back call');
          await resultOf(page);
          await page.getByRole('button', { name: 'Start the call' }).click();
          await page.getByText(/\d+ × \d+ · \d+ frames a second/).waitFor();
          await assertPersonBefore(page, colour, inClip, { shown: '#far', tolerance: 60 });
          await page.getByRole('button', { name: 'Hang up' }).click();
          assert.equal(await page.locator('#far').isVisible(), false);
        },
        { settings: 'source=camera&background=color' },
      ));

    describe('the benchmark', () => {
      it('prints a table to copy as Markdown', { skip: withoutGpu }, async () => {
        const small = await serve({ '/': buildPageWith(installed[0], folder) });
        try {
          await withPage(
            async (page) => {
              await allowClipboard(page);
              await unfold(page, 'Benchmark');
              await page.getByRole('button', { name: 'Run the benchmark' }).click();
              const copy = page.getByRole('button', { name: 'Copy as Markdown' });
              await copy.waitFor({ timeout: 300_000 });
              await copy.click();
              await page.getByText('Copied.').waitFor();
              const markdown = await page.evaluate(() => navigator.clipboard.readText());
              const [, , head, , ...rows] = markdown.trim().split('\n');
              assert.equal(
                head,
                '| Model | Input resolution | Backend | Pipeline | FPS | ms a frame |',
              );
              const variants = (await page.locator('#variant option').count()) - 1;
              assert.equal(rows.length, variants * 3);
              const number = String.raw`\d+(\.\d)?`;
              for (const row of rows) {
                assert.match(
                  row,
                  new RegExp(`\\| \\d+x\\d+ \\| .* \\| ${number} \\| ${number} \\|$`),
                );
              }
              await resultOf(page);
            },
            { address: small.address, settings: 'frames=1' },
          );
        } finally {
          small.close();
        }
      });

      it('can be cancelled', () =>
        withPage(
          async (page) => {
            await unfold(page, 'Benchmark');
            await page.getByRole('button', { name: 'Run the benchmark' }).click();
            await assertBlank(page);
            await page.getByRole('button', { name: 'Cancel' }).click();
            await page.getByText('Cancelled.').waitFor();
            await resultOf(page);
          },
          { settings: 'frames=300' },
        ));
    });

    describe('what goes wrong', () => {
      const unreadable = {
        'a corrupt picture': [
          () => readFileSync(portrait).subarray(0, 90),
          'corrupt.jpg',
          'image/jpeg',
        ],
        'a photo of an unknown kind': [
          () => Buffer.from('no JPEG'),
          'photo.heic',
          'image/heic',
          /HEIC.*JPEG/,
        ],
        'an empty picture': [() => Buffer.alloc(0), 'empty.png', 'image/png'],
        'a corrupt clip': [() => Buffer.from('no clip'), 'corrupt.mp4', 'video/mp4'],
        'a text': [() => Buffer.from('no picture'), 'text.txt', 'text/plain'],
      };
      for (const [title, [bytes, name, mimeType, reason = /./]] of Object.entries(unreadable)) {
        it(`says that it can't read ${title}, and shows nothing`, () =>
          withPage(async (page) => {
            await resultOf(page);
            const input = mimeType.startsWith('video/') ? '#clip-file' : '#photo-file';
            await page.locator(input).setInputFiles({ name, mimeType, buffer: bytes() });
            await page.getByRole('alert').waitFor();
            assert.match(await alertOf(page), new RegExp(`“${name}”`));
            assert.match(await alertOf(page), reason);
            await assertBlank(page);
          }));
      }

      for (const source of ['portrait', 'camera']) {
        it(`says when a model is missing, and shows nothing of the ${source}`, async () => {
          const without = await serve({ '/': folders.demo }, { missing: /\.tflite$/ });
          try {
            await withPage(
              async (page) => {
                await page.getByRole('alert').waitFor();
                assert.match(await alertOf(page), /\.tflite could not be loaded: HTTP 404/);
                await assertBlank(page);
              },
              { address: without.address, settings: `source=${source}` },
            );
          } finally {
            without.close();
          }
        });
      }

      const cameraProblems = {
        'there is no camera': [
          { 'media.navigator.streams.fake': false },
          [],
          /No camera was found/,
        ],
        'the camera may not be used': [
          { 'media.navigator.permission.disabled': false, 'permissions.default.camera': 2 },
          ['--use-fake-device-for-media-stream', '--deny-permission-prompts'],
          /may not be used/,
        ],
      };
      for (const [title, [preferences, flags, message]] of Object.entries(cameraProblems)) {
        it(`says when ${title}, and shows nothing`, async () => {
          const within = await (inFirefox ? launchFirefox(preferences) : launch({ flags }));
          try {
            await withPage(
              async (page) => {
                await resultOf(page);
                await page.getByRole('button', { name: 'Camera' }).click();
                await page.getByRole('alert').waitFor();
                assert.match(await alertOf(page), message);
                await assertBlank(page);
              },
              { within, camera: undefined },
            );
          } finally {
            await within.close();
          }
        });
      }
    });
  });
}
