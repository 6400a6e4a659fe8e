// Shared by the tests of the stream: a stream in a page of a browser, and checks of its frames.
import assert from 'node:assert/strict';
import { models, pathOf } from '../../../web/package/bin/models.mjs';
import { browserNames, launchBrowser, withoutBrowser } from './browsers.mjs';
import { folders } from './folders.mjs';
import { serve } from './server.mjs';
import { after, before, describe } from 'node:test';

/** A pixel of #e0a020. */
export const picture = {
  type: 'image/png',
  body: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mN4sEABAAQEAaGdoZJLAAAAAElFTkSuQmCC',
    'base64',
  ),
};
export const pictureColour = [0xe0, 0xa0, 0x20];

export const blue = { kind: 'color', rgb: 0x2040c0 };
export const blueColour = [0x20, 0x40, 0xc0];
export const green = { kind: 'color', rgb: 0x20c040 };
export const greenColour = [0x20, 0xc0, 0x40];
export const black = [0, 0, 0];

const installed = models.filter(pathOf);

/** The options of the model with this id or, where it is not installed, of another model. */
export function modelOf(id = 'selfie-landscape') {
  const { file, input, output } = installed.find((model) => model.id === id) ?? installed[0];
  return { tflite: `/models/${file}`, inputMin: input.min, inputMax: input.max, output };
}

export function isNear({ colour }, rgb, tolerance = 16) {
  return rgb.every((value, channel) => Math.abs(value - colour[channel]) <= tolerance);
}

/** Asserts that no output frame shows a pixel of the room. */
export function assertNeverRaw(frames) {
  const raw = frames.flatMap(({ room }, index) => (room ? [index] : []));
  assert.deepEqual(raw, [], `of ${frames.length} frames`);
}

/**
 * Describes tests in each browser. `action` is called with the browser's name and `withStream`, which
 * opens a page, processes a canvas or the `source` there, and calls its action with the page. Then
 * `withStream` checks that no output frame was raw and that the console has no errors. `settings` are
 * those of `launchBrowser`.
 */
export function describeInBrowsers(title, action, names = browserNames, settings) {
  for (const name of names) {
    const skip = withoutBrowser(name) || (installed.length === 0 && 'no model is installed');
    describe(`${title} in ${name}`, { skip }, () => {
      // Browsers request a favicon from every site.
      const answers = { '/favicon.ico': picture };
      const context = { name, answers };
      before(async () => {
        const files = installed.map((model) => [`/models/${model.file}`, pathOf(model)]);
        const mounts = { ...Object.fromEntries(files), '/faulty/': `${folders.package}/dist` };
        context.server = await serve({ ...mounts, '/': folders.root }, { answers });
        context.browser = await launchBrowser(name, settings);
      });
      after(async () => {
        await context.browser?.close();
        context.server?.close();
      });
      action(context);
    });
  }
}

export async function openPage({ browser, server }) {
  return browser.open(`${server.address}/test/web/support/stream.html`);
}

/**
 * Waits for frames with the background; returns what `now` does. Blank frames that were written before
 * `ready` may arrive after it.
 */
export async function started(page, colour = blueColour) {
  await page.call('event', { type: 'ready' });
  await page.call('colour', colour);
  return page.call('now');
}

/**
 * Processes a canvas in a page, and calls `action` with the page.
 * @param {{ source?: object | 'frames' | 'camera' | 'held camera', showsRoom?: boolean, expects?: RegExp }} settings `expects`: allowed
 *   messages in the console
 */
export async function withStream(context, options, action, { source, showsRoom, expects } = {}) {
  const page = await openPage(context);
  try {
    await page.call('create', { model: modelOf(), background: blue, ...options });
    if (source === 'frames') await page.call('processFrames');
    else if (source === 'camera') await page.call('processCamera');
    else if (source === 'held camera') await page.call('processHeldCamera');
    else await page.call('process', source ?? {});
    await action(page);
    if (!showsRoom) assertNeverRaw(await page.call('allFrames'));
    const unexpected = page.problems.filter((problem) => !expects?.test(problem));
    assert.deepEqual(unexpected, []);
  } finally {
    await page.close();
  }
}
