// Helpers of the page's tests.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { tellsOfOpenFrame } from './browser.mjs';

/** Runs in a page, before its scripts: a clip, in Base64, is its camera. */
function useAsCamera(clipFile) {
  // An empty page has none.
  if (!navigator.mediaDevices) return;
  const device = { kind: 'videoinput', deviceId: 'clip', label: 'Clip' };
  navigator.mediaDevices.enumerateDevices = async () => [device];
  navigator.mediaDevices.getUserMedia = async ({ video: wanted }) => {
    const [width, height] = [wanted.width.ideal, wanted.height.ideal];
    const bytes = Uint8Array.from(atob(clipFile), (letter) => letter.charCodeAt(0));
    const clip = Object.assign(document.createElement('video'), {
      src: URL.createObjectURL(new Blob([bytes], { type: 'video/webm' })),
      loop: true,
      muted: true,
    });
    await clip.play();
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d');
    const stream = canvas.captureStream(30);
    const [track] = stream.getVideoTracks();
    const draw = () => {
      context.drawImage(clip, 0, 0, width, height);
      if (track.readyState === 'live') requestAnimationFrame(draw);
    };
    draw();
    return stream;
  };
}

/**
 * Opens the page, calls `action` with it, and checks that there were no unexpected errors.
 * @param {{ settings?: string, camera?: string, viewport?: object, colorScheme?: string }} options `settings` of the
 *   address; `camera` is the path of a clip, for a browser that can't play a file as its camera; the others are
 *   Playwright's
 */
export async function withPage(
  browser,
  address,
  action,
  { settings = '', camera, ...options } = {},
) {
  const context = await browser.newContext(options);
  if (camera) await context.addInitScript(useAsCamera, readFileSync(camera, 'base64'));
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  const problems = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    const isExpected = message.text().includes('404') || tellsOfOpenFrame(message.text());
    if (message.type() === 'error' && !isExpected) problems.push(message.text());
  });
  try {
    await page.goto(`${address}/#${settings}`);
    await action(page);
    assert.deepEqual(problems, []);
  } finally {
    await context.close();
  }
}

/** The mean colour (RGBA) of a small square of a picture on the page; its size grows with the width. */
export async function colourAt(page, selector, [x, y]) {
  return page.locator(selector).evaluate(
    (picture, [x, y]) => {
      const width = picture.videoWidth ?? picture.width;
      const height = picture.videoHeight ?? picture.height;
      const side = Math.ceil(width / 32);
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

const differenceOf = (a, b) => Math.max(...b.slice(0, 3).map((v, i) => Math.abs(v - a[i])));

export function assertNear(actual, expected, tolerance, what) {
  assert.ok(differenceOf(actual, expected) <= tolerance, `${what}: ${actual} for ${expected}`);
}

/** Time limit in milliseconds of each wait, sufficient for a slow and busy machine. */
const patience = 60_000;

/** Repeats an assertion until it holds or the time limit ends. */
export async function eventually(assertion) {
  const end = Date.now() + patience;
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
export const resultOf = (page) =>
  page.locator(':is([data-kind=ready], [data-kind=slow])#state').waitFor();

const anyView = ':is(video, canvas)';
export const source = `#source-view ${anyView}`;
export const result = `#result ${anyView}`;

/**
 * Asserts that the result shows the person, and that its background has this colour. The `tolerance`
 * allows for the person's movement since the frame was taken.
 */
export const assertPersonBefore = (
  page,
  colour,
  { person, background },
  { shown = result, tolerance = 20 } = {},
) =>
  eventually(async () => {
    assertNear(await colourAt(page, shown, background), colour, 12, 'the background');
    const room = await colourAt(page, source, background);
    assert.ok(differenceOf(room, colour) > 20, 'the room is no test');
    const original = await colourAt(page, source, person);
    assertNear(await colourAt(page, shown, person), original, tolerance, 'the person');
  });

/** Asserts that the result is covered, and that there is no picture beneath. */
export async function assertBlank(page) {
  await page.locator('#result-note:not(:empty)').waitFor();
  const brightest = await page.locator('#result').evaluate((element) => {
    const picture = element.firstElementChild;
    const width = picture?.videoWidth ?? picture?.width ?? 0;
    const height = picture?.videoHeight ?? picture?.height ?? 0;
    if (width === 0) return 0;
    const context = new OffscreenCanvas(width, height).getContext('2d');
    context.drawImage(picture, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    return data.reduce((max, value, i) => (i % 4 < 3 ? Math.max(max, value) : max), 0);
  });
  assert.ok(brightest <= 2, 'the result is not blank');
}

/**
 * Drops a file on the page.
 * @param {string | Uint8Array} content its path or its bytes
 * @param on the selector of the element on which it is dropped
 */
export async function drop(page, content, name, type, on = 'body') {
  const bytes = [...(typeof content === 'string' ? readFileSync(content) : content)];
  const transfer = await page.evaluateHandle(
    ({ bytes, name, type }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(bytes)], name, { type }));
      return transfer;
    },
    { bytes, name, type },
  );
  await page.dispatchEvent(on, 'drop', { dataTransfer: transfer });
}

export const alertOf = (page) => page.getByRole('alert').textContent();

/** Opens a panel of the page that is closed at first. */
export const unfold = (page, name) => page.locator('summary', { hasText: name }).click();
