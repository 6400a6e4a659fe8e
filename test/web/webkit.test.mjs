// The stream in WebKitGTK, from end to end: tracks that are processed in a Worker as in Safari, and canvases.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { clipCodec, makeClip } from './support/clips.mjs';
import {
  blueColour,
  describeInBrowsers,
  green,
  greenColour,
  picture,
  pictureColour,
  started,
  withStream,
} from './support/stream.mjs';

const backgrounds = [
  [{ kind: 'blur', strength: 8 }, [0x80, 0x80, 0x80]],
  [{ kind: 'image', image: '/picture.png' }, pictureColour],
  [green, greenColour],
];

describeInBrowsers(
  'WebKit’s transports',
  (context) => {
    const { answers } = context;
    answers['/picture.png'] = picture;
    let folder;

    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'backdrop-'));
      makeClip(join(folder, 'clip.webm'), clipCodec);
      answers['/clip.webm'] = { type: 'video/webm', body: readFileSync(join(folder, 'clip.webm')) };
    });
    after(() => rmSync(folder, { recursive: true }));

    it('puts each background behind a canvas: worker-streams', () =>
      withStream(context, {}, async (page) => {
        const { transport } = await page.call('event', { type: 'ready' });
        assert.equal(transport, 'worker-streams');
        for (const [background, colour] of backgrounds) {
          const { error, frames } = await page.call('set', { background });
          assert.equal(error, undefined);
          await page.call('colour', colour, frames);
        }
      }));

    it('shows a clip behind a canvas: worker-streams', () =>
      withStream(context, {}, async (page) => {
        await started(page);
        const background = { kind: 'video', video: '/clip.webm' };
        const { error, frames } = await page.call('set', { background });
        assert.equal(error, undefined);
        await page.call('otherColour', blueColour, frames);
      }));

    it('goes to a source of another size, which changes, on the same track: worker-streams', () =>
      withStream(context, {}, async (page) => {
        await started(page);
        assert.equal(await page.call('process', { width: 240, height: 160 }), false);
        await page.call('size', 240, 160);
        await page.call('resize', 200, 300);
        await page.call('size', 200, 300);
        await page.call('colour', blueColour, (await page.call('now')).frames);
      }));

    for (const transport of ['worker-streams', 'canvas']) {
      it(`puts a colour behind the camera: ${transport}`, () =>
        withStream(context, { transport }, (page) => started(page), { source: 'camera' }));
    }
  },
  ['webkit'],
);
