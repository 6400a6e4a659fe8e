// What tests see of the page, and how they get at it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { tellsOfOpenFrame } from './browser.mjs';

/** Opens the page, calls `action` with it, and checks that nothing went wrong unseen. */
export async function withPage(browser, address, action, { settings = '', viewport } = {}) {
  const context = await browser.newContext(viewport ? { viewport } : {});
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

/** The mean colour of a small square of a picture on the page, as large as its width asks: RGBA. */
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

/** Milliseconds that the page may take for anything, on a slow machine that does other work too. */
const patience = 60_000;

/** Tries an assertion until it holds, or patience ends. */
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
 * The person is in the result, and the background is of this colour. Who is shown late has moved on:
 * the `tolerance` is for that.
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

/** The result is covered, and there is no picture beneath. */
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
 */
export async function drop(page, content, name, type) {
  const bytes = [...(typeof content === 'string' ? readFileSync(content) : content)];
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

export const alertOf = (page) => page.getByRole('alert').textContent();

/** Opens a part of the page that is closed at first. */
export const unfold = (page, name) => page.locator('summary', { hasText: name }).click();
