// The stream on the GPU: each background, and a context that is lost while frames flow.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { spoiled } from './support/faults.mjs';
import {
  black,
  blue,
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

/** Lets the page lose and restore the WebGL context of the engine's Worker. */
const spoiler = `
  const { getContext } = OffscreenCanvas.prototype;
  let extension;
  OffscreenCanvas.prototype.getContext = function (kind, ...given) {
    const context = getContext.call(this, kind, ...given);
    if (kind === 'webgl2') extension = context.getExtension('WEBGL_lose_context');
    return context;
  };
  new BroadcastChannel('faults').onmessage = ({ data }) => extension[data]();`;

const backgrounds = [
  [{ kind: 'blur', strength: 8 }, [0x80, 0x80, 0x80]],
  [blue, blueColour],
  [{ kind: 'image', image: 'drawn' }, pictureColour],
  [green, greenColour],
  [{ kind: 'video', video: 'track' }, pictureColour],
  [{ kind: 'transparent' }, black],
];

const lit = { refinement: { kind: 'bilateral', sigmaSpace: 1, sigmaColor: 0.1 } };

// Firefox has no WebGL 2 without a display; webgl2.test.mjs reports that.
describeInBrowsers(
  'the stream on the GPU',
  (context) => {
    const { answers } = context;
    answers['/picture.png'] = picture;

    for (const transport of ['window-streams', 'canvas']) {
      it(`puts each background behind: ${transport}`, () =>
        withStream(context, { transport, pipeline: 'webgl2', background: green }, async (page) => {
          const ready = await page.call('event', { type: 'ready' });
          assert.deepEqual([ready.transport, ready.pipeline], [transport, 'webgl2']);
          for (const [background, colour] of backgrounds) {
            const { error, frames } = await page.call('set', { background });
            assert.equal(error, undefined);
            await page.call('colour', colour, frames);
            for (const frame of await page.call('nextFrames', 5)) {
              assert.ok(isNear(frame, colour), `${frame.colour} instead of ${colour}`);
            }
          }
        }));
    }

    it('changes to it and how it draws while it runs', () =>
      withStream(context, {}, async (page) => {
        const { frames } = await started(page);
        const changes = [
          { pipeline: 'webgl2' },
          lit,
          { lightWrapping: { strength: 1, blendMode: 'linear-dodge' } },
          { sampling: 'cpu' },
          { pipeline: 'engine' },
        ];
        for (const change of changes) {
          const { error, events } = await page.call('set', change);
          assert.equal(error, undefined);
          if (change.pipeline) await page.call('event', { type: 'ready', ...change }, events);
          await page.call('nextFrames', 5);
        }
        for (const frame of (await page.call('allFrames')).slice(frames)) {
          assert.ok(isNear(frame, blueColour), `${frame.colour}`);
        }
      }));

    it('falls back to the CPU when the context is lost, and comes back with it', async () => {
      Object.assign(answers, spoiled('engine/worker.js', spoiler));
      const options = { assets: '/faulty/', pipeline: 'webgl2' };
      await withStream(
        context,
        options,
        async (page) => {
          await started(page);
          for (let round = 0; round < 3; ++round) {
            const { frames, events } = await page.call('now');
            await page.call('tellWorker', 'loseContext');
            await page.call('event', { type: 'degraded', reason: 'fallback' }, events);
            await page.call('nextFrames', 5);
            const lost = await page.call('now');
            await page.call('tellWorker', 'restoreContext');
            await page.call('event', { type: 'ready', pipeline: 'webgl2' }, lost.events);
            await page.call('nextFrames', 5);
            for (const frame of (await page.call('allFrames')).slice(frames)) {
              assert.ok(isNear(frame, blueColour), `${frame.colour}`);
            }
          }
        },
        { expects: /CONTEXT_LOST/ },
      );
      delete answers['/faulty/engine/worker.js'];
    });
  },
  ['chromium'],
  { gpu: true },
);

describeInBrowsers(
  'the stream without a GPU',
  (context) => {
    it('says that WebGL 2 is not there, and lets nothing through', async () => {
      const without = 'OffscreenCanvas.prototype.getContext = () => null;';
      Object.assign(context.answers, spoiled('engine/worker.js', without));
      await withStream(context, { assets: '/faulty/', pipeline: 'webgl2' }, async (page) => {
        const error = await page.call('event', { type: 'error' });
        assert.equal(error.code, 'unsupported');
        assert.match(error.message, /WebGL 2/);
        for (const frame of await page.call('nextFrames', 5)) assert.ok(isNear(frame, black));
        assert.equal((await page.call('set', { pipeline: 'engine' })).error, undefined);
        await page.call('colour', blueColour);
      });
      delete context.answers['/faulty/engine/worker.js'];
    });
  },
  ['chromium'],
);
