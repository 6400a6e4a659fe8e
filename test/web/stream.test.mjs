// The stream from end to end: a canvas's track in, and a check of every output frame.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  black,
  blue,
  blueColour,
  describeInBrowsers,
  green,
  greenColour,
  isNear,
  modelOf,
  picture,
  pictureColour,
  started,
  withStream,
} from './support/stream.mjs';

/** Backgrounds, and the expected output for frames of an empty room. */
const backgrounds = [
  [{ kind: 'blur', strength: 8 }, [0x80, 0x80, 0x80]],
  [blue, blueColour],
  [{ kind: 'image', image: 'drawn' }, pictureColour],
  [green, greenColour],
  [{ kind: 'image', image: '/picture.png' }, pictureColour],
  [{ kind: 'transparent' }, black],
];

const assertColour = (frame, rgb) =>
  assert.ok(isNear(frame, rgb), `${frame.colour} instead of ${rgb}`);

describeInBrowsers('the stream', (context) => {
  const { name, answers } = context;
  answers['/picture.png'] = picture;
  answers['/slow.png'] = { ...picture, delay: 1000 };
  const transports = name === 'chromium' ? ['window-streams', 'canvas'] : ['canvas'];

  for (const transport of transports) {
    for (const pipeline of ['engine', 'canvas2d']) {
      it(`puts each background behind: ${transport}, ${pipeline}`, () =>
        withStream(context, { transport, pipeline, background: green }, async (page) => {
          const ready = await page.call('event', { type: 'ready' });
          assert.deepEqual([ready.transport, ready.pipeline], [transport, pipeline]);
          for (const [background, colour] of backgrounds) {
            const { error, frames } = await page.call('set', { background });
            assert.equal(error, undefined);
            await page.call('colour', colour, frames);
            for (const frame of await page.call('nextFrames', 5)) assertColour(frame, colour);
          }
        }));
    }

    it(`tells its size at once, and keeps it when constrained: ${transport}`, () =>
      withStream(
        context,
        { transport },
        async (page) => {
          assert.deepEqual(await page.call('outputSize'), [1280, 720]);
          // Firefox takes no constraints of a canvas's track, and tells no frame rate of it.
          if (name === 'firefox') return;
          assert.ok((await page.call('outputRate')) > 0);
          await page.call('constrainOutput', { frameRate: 24 });
          assert.deepEqual(await page.call('outputSize'), [1280, 720]);
        },
        { source: { width: 1280, height: 720 } },
      ));

    it(`shows the room with no background, and not for one frame more: ${transport}`, () =>
      withStream(
        context,
        { transport, background: { kind: 'none' } },
        async (page) => {
          for (const background of [blue, { kind: 'image', image: '/slow.png' }]) {
            const shown = await page.call('set', { background: { kind: 'none' } });
            await page.call('raw', shown.frames);
            const setting = page.call('set', { background });
            const hiddenFrom = (await page.call('now')).drawn;
            const { frames } = await setting;
            await page.call('colour', background === blue ? blueColour : pictureColour, frames);
            const late = (await page.call('allFrames'))
              .slice(shown.frames)
              .filter(({ room, number }) => room && number > hiddenFrom);
            assert.deepEqual(late, []);
          }
        },
        { showsRoom: true },
      ));
  }

  it('keeps the old background until a picture that loads slowly is there', () =>
    withStream(context, {}, async (page) => {
      const { frames } = await started(page);
      const setting = page.call('set', { background: { kind: 'image', image: '/slow.png' } });
      await page.call('nextFrames', 3);
      await page.call('colour', pictureColour, (await setting).frames);
      const later = (await page.call('allFrames')).slice(frames);
      const first = later.findIndex((frame) => isNear(frame, pictureColour));
      assert.ok(first > 0);
      for (const frame of later.slice(0, first)) assertColour(frame, blueColour);
    }));

  it('blurs until its first picture is there', () =>
    withStream(context, { background: { kind: 'image', image: '/slow.png' } }, async (page) => {
      await page.call('event', { type: 'ready' });
      await page.call('colour', pictureColour);
    }));

  it('changes backgrounds while it runs', () =>
    withStream(context, {}, async (page) => {
      const { frames } = await started(page);
      for (let i = 0; i < 10; ++i) {
        await page.call('set', { background: i % 2 ? blue : green });
        await page.call('nextFrames', 3);
      }
      for (const frame of (await page.call('allFrames')).slice(frames)) {
        assert.ok(isNear(frame, blueColour) || isNear(frame, greenColour), frame.colour);
      }
      assert.equal(await page.call('outputState'), 'live');
    }));

  it('changes its model, variant and pipeline while it runs', () =>
    withStream(context, {}, async (page) => {
      const { frames } = await started(page);
      const changes = [{ model: modelOf('mlkit') }, { variant: 'simd' }, { pipeline: 'canvas2d' }];
      for (const change of changes) {
        const { error, events } = await page.call('set', change);
        assert.equal(error, undefined);
        const ready = await page.call('event', { type: 'ready' }, events);
        if (!change.model) assert.deepEqual({ ...ready, ...change }, ready);
      }
      const later = (await page.call('allFrames')).slice(frames);
      for (const frame of later) assertColour(frame, blueColour);
    }));

  it('lets no more frames through than wanted', () =>
    withStream(context, {}, async (page) => {
      await page.call('event', { type: 'ready' });
      const { events } = await page.call('set', { targetFps: 8 });
      await page.call('paced', 12, events);
    }));

  for (const [width, height] of [
    [333, 201],
    [180, 320],
  ]) {
    it(`processes frames of ${width}x${height}`, () =>
      withStream(
        context,
        {},
        async (page) => {
          await page.call('colour', blueColour);
          const frames = await page.call('allFrames');
          for (const frame of frames)
            assert.deepEqual([frame.width, frame.height], [width, height]);
        },
        { source: { width, height } },
      ));
  }

  it('follows a size that changes, with times that grow', () =>
    withStream(context, {}, async (page) => {
      for (const [width, height] of [
        [320, 180],
        [200, 300],
        [639, 361],
      ]) {
        await page.call('resize', width, height);
        await page.call('size', width, height);
        await page.call('colour', blueColour, (await page.call('now')).frames);
      }
      const times = (await page.call('allFrames')).map(({ timestamp }) => timestamp);
      // Firefox's media time has steps of 12 ms, so two frames may get the same timestamp.
      const least = name === 'firefox' ? 0 : 1;
      for (const [i, time] of times.slice(1).entries()) {
        assert.ok(time - times[i] >= least, `${time} after ${times[i]}`);
      }
    }));

  it('goes from one source to another on the same track', () =>
    withStream(context, {}, async (page) => {
      const { frames } = await started(page);
      assert.equal(await page.call('process', { width: 240, height: 160 }), false);
      await page.call('size', 240, 160);
      const later = (await page.call('allFrames')).slice(frames);
      for (const frame of later) assertColour(frame, blueColour);
    }));

  it('stops and starts again', () =>
    withStream(context, {}, async (page) => {
      await page.call('event', { type: 'ready' });
      await page.call('stop');
      assert.equal(await page.call('outputState'), 'ended');
      const { events } = await page.call('now');
      assert.ok(await page.call('process'), 'a new track');
      await page.call('event', { type: 'ready' }, events);
    }));

  for (const transport of transports) {
    it(`keeps its track, blank, while there is no source: ${transport}`, () =>
      withStream(context, { transport }, async (page) => {
        await started(page);
        await page.call('letGo');
        const { frames, events } = await page.call('now');
        const { sourceIsLive, ...told } = await page.call('told');
        assert.deepEqual(told, { state: 'ended', hasSource: false, hasOutput: true });
        assert.ok(sourceIsLive, 'the source stays the caller’s');
        assertColour((await page.call('allFrames')).at(-1), black);
        assert.equal(await page.call('process'), false);
        await page.call('event', { type: 'ready' }, events);
        await page.call('colour', blueColour, frames);
        assert.equal((await page.call('told')).state, 'ready');
      }));
  }

  it('starts again when its track was stopped by whoever has it', () =>
    withStream(context, {}, async (page) => {
      await page.call('event', { type: 'ready' });
      const { events } = await page.call('now');
      await page.call('stopOutput');
      await page.call('event', { type: 'degraded', reason: 'ended' }, events);
      assert.ok(await page.call('process'), 'a new track');
      await page.call('event', { type: 'ready' }, events);
    }));

  it('is of no more use when it was disposed of', () =>
    withStream(context, {}, async (page) => {
      await page.call('event', { type: 'ready' });
      await page.call('dispose');
      assert.equal(await page.call('outputState'), 'ended');
      await assert.rejects(page.call('process'), /disposed/);
    }));
});
