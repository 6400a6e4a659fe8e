// The stream in WebKitGTK, from end to end: tracks that are processed in a Worker as in Safari, and canvases.
import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { clipAnswer } from './support/clips.mjs';
import {
  black,
  blueColour,
  describeInBrowsers,
  green,
  greenColour,
  isNear,
  picture,
  pictureColour,
  started,
  withStream,
} from './support/stream.mjs';

const backgrounds = [
  [{ kind: 'blur', strength: 8 }, [0x80, 0x80, 0x80]],
  [{ kind: 'image', image: '/picture.png' }, pictureColour],
  [green, greenColour],
  [{ kind: 'image', image: '/picture.png', mirror: true }, pictureColour],
  [{ kind: 'transparent' }, black],
];

const clip = { kind: 'video', video: '/clip.webm' };

/** Sources: the mock camera, and canvases captured at each drawing and at a rate. */
const sources = { camera: 'camera', canvas: {}, 'canvas at a rate': { captureRate: 30 } };

describeInBrowsers(
  'WebKit’s transports',
  (context) => {
    const { answers } = context;
    answers['/picture.png'] = picture;
    before(() => {
      answers['/clip.webm'] = clipAnswer('#e0a020');
    });

    for (const [title, source] of Object.entries(sources)) {
      it(`puts a colour behind: worker-streams, ${title}`, () =>
        withStream(context, { transport: 'worker-streams' }, (page) => started(page), { source }));
    }

    it('puts each background behind: worker-streams', () =>
      withStream(context, {}, async (page) => {
        const { transport } = await page.call('event', { type: 'ready' });
        assert.equal(transport, 'worker-streams');
        for (const [background, colour] of backgrounds) {
          const { error, frames } = await page.call('set', { background });
          assert.equal(error, undefined);
          await page.call('colour', colour, frames);
        }
      }));

    it('shows a clip behind, until a camera’s picture may be drawn in its place: worker-streams', () =>
      withStream(context, {}, async (page) => {
        await started(page);
        const { error, frames } = await page.call('set', { background: clip });
        assert.equal(error, undefined);
        await page.call('colour', pictureColour, frames);
        const shown = (await page.call('allFrames')).length;
        for (const frame of await page.call('nextFrames', 10)) {
          assert.ok(isNear(frame, pictureColour), `${frame.colour}`);
        }
        await page.call('processCamera');
        await page.call('event', { type: 'error', code: 'unsupported' });
        await page.call('otherColour', pictureColour, shown);
      }));

    it('refuses a clip beside a camera: worker-streams', () =>
      withStream(
        context,
        {},
        async (page) => {
          const { frames } = await started(page);
          const { error } = await page.call('set', { background: clip });
          assert.deepEqual([error?.name, error?.code], ['BackdropError', 'unsupported']);
          await page.call('nextFrames', 30);
          for (const frame of (await page.call('allFrames')).slice(frames)) {
            assert.ok(isNear(frame, blueColour), `${frame.colour}`);
          }
        },
        { source: 'camera' },
      ));

    it('is black while the source is disabled: worker-streams', () =>
      withStream(
        context,
        { background: { kind: 'none' } },
        async (page) => {
          await page.call('raw', 0);
          const { frames } = await page.call('now');
          await page.call('enableSource', false);
          await page.call('colour', black, frames);
          const later = await page.call('now');
          await page.call('enableSource', true);
          await page.call('raw', later.frames);
          const meanwhile = (await page.call('allFrames')).slice(frames, later.frames);
          const first = meanwhile.findIndex((frame) => isNear(frame, black));
          for (const frame of meanwhile.slice(first)) assert.ok(isNear(frame, black));
        },
        { showsRoom: true },
      ));

    it('goes to a source of another size, which changes, on the same track: worker-streams', () =>
      withStream(context, {}, async (page) => {
        await started(page);
        assert.equal(await page.call('process', { width: 240, height: 160 }), false);
        await page.call('size', 240, 160);
        await page.call('resize', 200, 300);
        await page.call('size', 200, 300);
        await page.call('colour', blueColour, (await page.call('now')).frames);
      }));

    // A video element of WebKitGTK shows hardly any new picture of a canvas: these take the camera.
    for (const transport of ['worker-streams', 'canvas']) {
      it(`never shows the camera: ${transport}`, () =>
        withStream(
          context,
          { transport },
          async (page) => {
            await started(page);
            for (const frame of await page.call('nextFrames', 60)) {
              assert.ok(isNear(frame, blueColour), `${frame.colour}`);
            }
          },
          { source: 'camera' },
        ));

      it(`is black, and shows no camera, while the source is disabled: ${transport}`, () =>
        withStream(
          context,
          { transport },
          async (page) => {
            const { frames } = await started(page);
            for (let time = 0; time < 8; ++time) {
              const { frames: before } = await page.call('now');
              await page.call('enableSource', false);
              await page.call('colour', black, before);
              const { frames: between } = await page.call('now');
              await page.call('enableSource', true);
              await page.call('colour', blueColour, between);
            }
            for (const frame of (await page.call('allFrames')).slice(frames)) {
              assert.ok(isNear(frame, blueColour) || isNear(frame, black), `${frame.colour}`);
            }
          },
          { source: 'camera' },
        ));

      it(`is black when the source was stopped: ${transport}`, () =>
        withStream(
          context,
          { transport },
          async (page) => {
            await started(page);
            const { frames } = await page.call('now');
            await page.call('stopSource');
            await page.call('event', { type: 'degraded', reason: 'ended' });
            await page.call('colour', black, frames);
          },
          { source: 'camera' },
        ));
    }
  },
  ['webkit'],
);

describeInBrowsers(
  'WebKit as it ships, without streams in Workers',
  (context) => {
    it('takes a canvas, where tracks can be transferred all the same', () =>
      withStream(
        context,
        {},
        async (page) => {
          const { transport } = await page.call('event', { type: 'ready' });
          assert.equal(transport, 'canvas');
        },
        { source: 'camera' },
      ));
  },
  ['webkit'],
  { features: [] },
);
