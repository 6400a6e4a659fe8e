// A background video: each of its frames is shown, until another background is set.
import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { animationAnswer, animationKinds, clipAnswer } from './support/clips.mjs';
import { spoiled } from './support/faults.mjs';
import {
  black,
  blue,
  blueColour,
  describeInBrowsers,
  greenColour,
  isNear,
  pictureColour,
  started,
  withStream,
} from './support/stream.mjs';

const cyan = '#20a0e0';
const cyanColour = [0x20, 0xa0, 0xe0];
/** Tells on a channel of each call that a Worker gets. */
const telling = `
  const told = new BroadcastChannel('engine calls');
  addEventListener('message', ({ data }) => data.call === 'ping' || told.postMessage(data.call));`;

const clip = { kind: 'video', video: '/colours.webm' };

describeInBrowsers('a background video', (context) => {
  const { name, answers } = context;
  const transports = name === 'chromium' ? ['window-streams', 'canvas'] : ['canvas'];
  before(() => {
    answers['/clip.webm'] = clipAnswer();
    answers['/colours.webm'] = clipAnswer('#e0a020', cyan);
    for (const kind of animationKinds) {
      answers[`/animation.${kind}`] = animationAnswer(kind, ['#e0a020', cyan]);
    }
  });

  for (const transport of transports) {
    for (const pipeline of ['engine', 'canvas2d']) {
      it(`is shown as it plays: ${transport}, ${pipeline}`, () =>
        withStream(context, { transport, pipeline }, async (page) => {
          await page.call('event', { type: 'ready' });
          const { error, frames } = await page.call('set', {
            background: { kind: 'video', video: 'track' },
          });
          assert.equal(error, undefined);
          await page.call('colour', pictureColour, frames);
          await page.call('paintVideo', cyan);
          await page.call('colour', cyanColour, frames);
          const set = await page.call('set', { background: blue });
          await page.call('colour', blueColour, set.frames);
          for (const frame of await page.call('nextFrames', 10)) {
            assert.ok(isNear(frame, blueColour), `${frame.colour}`);
          }
        }));
    }
  }

  it('is an element’s, and goes on with another engine and another source', () =>
    withStream(context, { background: { kind: 'video', video: 'element' } }, async (page) => {
      await page.call('colour', pictureColour);
      await page.call('paintVideo', cyan);
      await page.call('colour', cyanColour);
      const { error, frames } = await page.call('set', { variant: 'simd' });
      assert.equal(error, undefined);
      await page.call('colour', cyanColour, frames);
      await page.call('process', { width: 240, height: 160 });
      await page.call('size', 240, 160);
      await page.call('paintVideo', '#e0a020');
      await page.call('colour', pictureColour, (await page.call('now')).frames);
    }));

  it('keeps its place in the frame while it plays', () =>
    withStream(
      context,
      {},
      async (page) => {
        await started(page);
        const video = { kind: 'video', video: 'track', fit: 'contain', color: '#20c040' };
        const { error, frames } = await page.call('set', { background: video });
        assert.equal(error, undefined);
        await page.call('colour', greenColour, frames);
        await page.call('paintVideo', cyan);
        for (const frame of await page.call('nextFrames', 20)) {
          assert.ok(isNear(frame, greenColour), `${frame.colour}`);
        }
      },
      { source: { width: 480, height: 120 } },
    ));

  it('is at an address', () =>
    withStream(context, {}, async (page) => {
      await started(page);
      const background = { kind: 'video', video: '/clip.webm' };
      const { error, frames } = await page.call('set', { background });
      assert.equal(error, undefined);
      await page.call('otherColour', blueColour, frames);
      for (const frame of await page.call('nextFrames', 3)) {
        assert.ok(!isNear(frame, blueColour, 4) && !isNear(frame, black), `${frame.colour}`);
      }
    }));

  for (const kind of animationKinds) {
    it(`is an animated picture: ${kind}`, (test) =>
      withStream(context, {}, async (page) => {
        await started(page);
        const { error, frames } = await page.call('set', { background: `/animation.${kind}` });
        assert.equal(error, undefined);
        await page.call('colour', pictureColour, frames);
        if (!(await page.call('decodes', `image/${kind}`))) {
          for (const frame of await page.call('nextFrames', 20)) {
            assert.ok(isNear(frame, pictureColour), `${frame.colour}`);
          }
          test.diagnostic('this browser shows the first frame');
          return;
        }
        await page.call('colour', cyanColour, frames);
        await page.call('colour', pictureColour, (await page.call('now')).frames);
        await page.call('colour', cyanColour, (await page.call('now')).frames);
        // Another engine begins with the first frame, and the animation goes on.
        await page.call('set', { variant: 'simd' });
        await page.call('colour', cyanColour, (await page.call('now')).frames);
        const set = await page.call('set', { background: blue });
        await page.call('colour', blueColour, set.frames);
        for (const frame of await page.call('nextFrames', 15)) {
          assert.ok(isNear(frame, blueColour), `${frame.colour}`);
        }
      }));
  }

  it('costs nothing while the output is disabled, or has no source', async () => {
    Object.assign(answers, spoiled('engine/worker.js', telling));
    const options = { assets: '/faulty/', background: clip };
    await withStream(context, options, async (page) => {
      const assertIdle = async (what) => {
        await page.call('engineCalls', 15); // Calls on their way.
        assert.equal(await page.call('engineCalls', 30), 0, what);
      };
      for (const background of [clip, '/animation.gif']) {
        await page.call('set', { background });
        await page.call('colour', cyanColour, (await page.call('now')).frames);
        assert.ok((await page.call('engineCalls', 30)) > 30, 'frames of both are processed');
        await page.call('enableOutput', false);
        await assertIdle('while the output is disabled');
        await page.call('enableOutput', true);
        const { frames } = await page.call('now');
        for (const colour of [cyanColour, pictureColour]) await page.call('colour', colour, frames);
      }
      await page.call('letGo');
      await assertIdle('without a source');
    });
  });

  it('leaves what was there where it can’t be used', () =>
    withStream(
      context,
      {},
      async (page) => {
        await started(page);
        for (const [video, code, words] of [
          ['/nothing.webm', 'fetch', /nothing\.webm.*404/],
          ['/test/web/support/stream.html', 'picture', /stream\.html/],
        ]) {
          const { error } = await page.call('set', { background: { kind: 'video', video } });
          assert.deepEqual([error.name, error.code], ['BackdropError', code]);
          assert.match(error.message, words);
          for (const frame of await page.call('nextFrames', 3)) {
            assert.ok(isNear(frame, blueColour));
          }
        }
      },
      { expects: /404|Failed to load|media/i },
    ));
});
