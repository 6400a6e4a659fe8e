// The page, as it is built, in headless Chromium: what a person sees of it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { models, pathOf } from '../../web/package/bin/models.mjs';
import { launch } from './support/browser.mjs';
import { folders } from './support/folders.mjs';
import { serve } from './support/server.mjs';

const portrait = join(folders.media, 'grace_hopper.jpg');
const doctor = join(folders.videos, 'doctor.mp4');
const skip =
  (!models.some(pathOf) && 'no model is installed') ||
  (!existsSync(portrait) && `${portrait} is missing`);

const colour = [0x2f, 0x6f, 0x5e];

/** Where the person is and where the background, in parts of the picture. */
const moving = existsSync(doctor)
  ? { person: [0.5, 0.45], background: [0.03, 0.05] }
  : { person: [0.5, 0.55], background: [0.03, 0.05] };
const still = { person: [0.45, 0.5], background: [0.95, 0.1] };

/** A second of somebody before a camera, 1280x720. */
function makeClip(path, codec) {
  const input = existsSync(doctor)
    ? ['-t', '1', '-i', doctor, '-vf', 'scale=1280:720']
    : ['-loop', '1', '-t', '1', '-r', '30', '-i', portrait, '-vf', portraitInWideFrame];
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...input, ...codec, path]);
}
const portraitInWideFrame = 'scale=-2:720,pad=1280:720:(ow-iw)/2:0:color=0x4060a0';
const cameraCodec = ['-pix_fmt', 'yuvj420p', '-q:v', '3', '-f', 'mjpeg'];
const clipCodec = ['-an', '-c:v', 'libvpx', '-deadline', 'realtime', '-b:v', '4M'];

/** The mean colour of a small square of a picture on the page, RGBA. */
async function colourAt(page, selector, [x, y]) {
  return page.locator(selector).evaluate(
    (picture, [x, y]) => {
      const width = picture.videoWidth ?? picture.width;
      const height = picture.videoHeight ?? picture.height;
      const side = 24;
      const context = new OffscreenCanvas(side, side).getContext('2d');
      const [left, top] = [x * width - side / 2, y * height - side / 2];
      context.drawImage(picture, left, top, side, side, 0, 0, side, side);
      const { data } = context.getImageData(0, 0, side, side);
      return [0, 1, 2, 3].map(
        (channel) =>
          data.reduce((sum, value, i) => (i % 4 === channel ? sum + value : sum), 0) / side ** 2,
      );
    },
    [x, y],
  );
}

function assertNear(actual, expected, tolerance, what) {
  const difference = Math.max(...expected.slice(0, 3).map((v, i) => Math.abs(v - actual[i])));
  assert.ok(difference <= tolerance, `${what}: ${actual} instead of ${expected}`);
}

const chooseColour = (page) => page.getByRole('radio', { name: 'Colour' }).check();

/** Tries an assertion until it holds, for ten seconds at most: the page takes its time. */
async function eventually(assertion) {
  const end = Date.now() + 10_000;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Waits until the result shows something. */
const resultOf = (page) => page.locator('#result-note:empty').waitFor({ state: 'attached' });

/** The person is in the result, and the background is not. */
const assertPersonWithoutRoom = (page, selector, { person, background }) =>
  eventually(async () => {
    assertNear(await colourAt(page, '#result', background), colour, 10, 'the background');
    const room = await colourAt(page, selector, background);
    assert.ok(Math.max(...colour.map((v, i) => Math.abs(v - room[i]))) > 20, 'the room is no test');
    const original = await colourAt(page, selector, person);
    assertNear(await colourAt(page, '#result', person), original, 16, 'the person');
  });

async function assertBlank(page) {
  const alpha = await page.locator('#result').evaluate((canvas) =>
    canvas
      .getContext('2d')
      .getImageData(0, 0, canvas.width, canvas.height)
      .data.reduce((max, value) => Math.max(max, value), 0),
  );
  assert.equal(alpha, 0, 'the result is not blank');
}

async function drop(page, path, name, type) {
  const bytes = [...readFileSync(path)];
  const transfer = await page.evaluateHandle(
    ({ bytes, name, type }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(bytes)], name, { type }));
      return transfer;
    },
    { bytes, name, type },
  );
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
}

const alertOf = (page) => page.getByRole('alert').textContent();

describe('the page', { skip }, () => {
  let folder, server, browser, context;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'backdrop-'));
    makeClip(join(folder, 'camera.mjpeg'), cameraCodec);
    makeClip(join(folder, 'clip.webm'), clipCodec);
    server = await serve({ '/': folders.demo });
    browser = await launch({ camera: join(folder, 'camera.mjpeg') });
  });
  after(async () => {
    await browser?.close();
    server?.close();
    rmSync(folder, { recursive: true });
  });

  /** Opens the page, calls `action` with it, and checks that nothing went wrong unseen. */
  async function withPage(action, { within = browser, address = server.address, viewport } = {}) {
    context = await within.newContext(viewport ? { viewport } : {});
    const page = await context.newPage();
    const problems = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('404')) {
        problems.push(message.text());
      }
    });
    try {
      await page.goto(address);
      await action(page);
      assert.deepEqual(problems, []);
    } finally {
      await context.close();
    }
  }

  it('shows the portrait with another background', () =>
    withPage(async (page) => {
      await resultOf(page);
      await chooseColour(page);
      await assertPersonWithoutRoom(page, '#source-view canvas', still);
    }));

  it('processes a camera', () =>
    withPage(async (page) => {
      await chooseColour(page);
      await page.getByRole('button', { name: 'Camera' }).click();
      await page.locator('#source-view video').waitFor();
      await resultOf(page);
      await page.waitForFunction(() => Number(document.querySelector('#fps').textContent) > 0);
      const size = await page.locator('#result').evaluate(({ width, height }) => [width, height]);
      assert.deepEqual(size, [1280, 720]);
      await assertPersonWithoutRoom(page, '#source-view video', moving);
    }));

  it('processes a clip', () =>
    withPage(async (page) => {
      await chooseColour(page);
      await page.locator('#clip-file').setInputFiles(join(folder, 'clip.webm'));
      await page.locator('#source-view video').waitFor();
      await resultOf(page);
      await assertPersonWithoutRoom(page, '#source-view video', moving);
    }));

  it('processes a photo that is dropped', () =>
    withPage(async (page) => {
      await chooseColour(page);
      await drop(page, portrait, 'dropped.jpg', 'image/jpeg');
      await page.getByText('dropped.jpg').waitFor();
      await resultOf(page);
      await assertPersonWithoutRoom(page, '#source-view canvas', still);
    }));

  it('puts pictures behind the person, its own and yours', () =>
    withPage(async (page) => {
      await resultOf(page);
      const seen = new Set();
      const look = () =>
        eventually(async () => {
          const at = String((await colourAt(page, '#result', still.background)).map(Math.round));
          assert.ok(!seen.has(at), `${at} again`);
          seen.add(at);
          assert.equal(await page.getByRole('alert').isVisible(), false);
        });
      await look();
      for (const name of ['Loft', 'Dunes', 'City lights', 'Mist', 'Paper', 'Colour']) {
        await page.getByRole('radio', { name }).check();
        await look();
      }
      await page.locator('#own-file').setInputFiles(portrait);
      await page.locator('input[value=own]').check({ force: true });
      await look();
    }));

  it('runs each model and variant', () =>
    withPage(async (page) => {
      await chooseColour(page);
      for (const select of ['#model', '#variant']) {
        const options = await page.locator(`${select} option`).all();
        for (const option of options) {
          await page.locator(select).selectOption(await option.getAttribute('value'));
          await resultOf(page);
          await assertPersonWithoutRoom(page, '#source-view canvas', still);
        }
      }
    }));

  it('goes from one source to another, and leaves the camera', () =>
    withPage(async (page) => {
      await page.getByRole('button', { name: 'Camera' }).click();
      await page.locator('#source-view video').waitFor();
      const video = await page.locator('#source-view video').elementHandle();
      const track = await video.evaluateHandle(({ srcObject }) => srcObject.getTracks()[0]);
      await page.getByRole('button', { name: 'Portrait' }).click();
      await page.locator('#source-view canvas').waitFor();
      await resultOf(page);
      assert.equal(await track.evaluate(({ readyState }) => readyState), 'ended');
    }));

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
          const widest = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(widest <= width, `${widest} pixels`);
        },
        { viewport: { width, height: 800 } },
      ));
  }

  const unreadable = {
    'a corrupt picture': [
      () => readFileSync(portrait).subarray(0, 90),
      'corrupt.jpg',
      'image/jpeg',
    ],
    'an empty picture': [() => Buffer.alloc(0), 'empty.png', 'image/png'],
    'a corrupt clip': [() => Buffer.from('no clip'), 'corrupt.mp4', 'video/mp4'],
    'a text': [() => Buffer.from('no picture'), 'text.txt', 'text/plain'],
  };
  for (const [title, [bytes, name, mimeType]] of Object.entries(unreadable)) {
    it(`says that it can't read ${title}, and shows nothing`, () =>
      withPage(async (page) => {
        await resultOf(page);
        const input = mimeType.startsWith('video/') ? '#clip-file' : '#photo-file';
        await page.locator(input).setInputFiles({ name, mimeType, buffer: bytes() });
        await page.getByRole('alert').waitFor();
        assert.match(await alertOf(page), new RegExp(`“${name}”`));
        await assertBlank(page);
      }));
  }

  it('says when a model is missing, and shows nothing', async () => {
    const without = await serve({ '/': folders.demo }, { missing: /\.tflite$/ });
    try {
      await withPage(
        async (page) => {
          await page.getByRole('alert').waitFor();
          assert.match(await alertOf(page), /\.tflite could not be loaded: HTTP 404/);
          await assertBlank(page);
        },
        { address: without.address },
      );
    } finally {
      without.close();
    }
  });

  const cameraProblems = {
    'there is no camera': [[], /No camera was found/],
    'the camera may not be used': [
      ['--use-fake-device-for-media-stream', '--deny-permission-prompts'],
      /may not be used/,
    ],
  };
  for (const [title, [flags, message]] of Object.entries(cameraProblems)) {
    it(`says when ${title}, and shows nothing`, async () => {
      const within = await launch({ flags });
      try {
        await withPage(
          async (page) => {
            await resultOf(page);
            await page.getByRole('button', { name: 'Camera' }).click();
            await page.getByRole('alert').waitFor();
            assert.match(await alertOf(page), message);
            await assertBlank(page);
          },
          { within },
        );
      } finally {
        await within.close();
      }
    });
  }
});
