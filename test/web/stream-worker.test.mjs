// The stream's Worker as in Safari: the track is transferred to the Worker, which has the streams.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { spoiled } from './support/faults.mjs';
import {
  assertNeverRaw,
  black,
  blue,
  blueColour,
  describeInBrowsers,
  isNear,
  modelOf,
  openPage,
} from './support/stream.mjs';

/** Emulated streams, which receive and send frames through ports in place of tracks. */
const streams = `
  self.MediaStreamTrackProcessor = class {
    constructor({ track }) {
      this.readable = new ReadableStream({
        start(controller) {
          track.onmessage = ({ data }) => {
            if (data === 'end') controller.close();
            else controller.enqueue(data);
          };
        },
      });
    }
  };
  self.VideoTrackGenerator = class {
    constructor() {
      const { port1, port2 } = new MessageChannel();
      this.track = port1;
      this.writable = new WritableStream({ write: (frame) => port2.postMessage(frame, [frame]) });
    }
  };`;

describeInBrowsers('the stream’s Worker with streams of its own', (context) => {
  it('processes a track', async () => {
    Object.assign(context.answers, spoiled('stream/worker.js', streams));
    const page = await openPage(context);
    const { tflite, ...model } = modelOf();
    const settings = {
      model: { ...model, tflite: new URL(tflite, context.server.address).href },
      background: blue,
    };
    const { events, frames } = await page.call(
      'throughWorker',
      '/faulty/stream/worker.js',
      settings,
      30,
    );
    assertNeverRaw(frames);
    assert.ok(frames.some((frame) => isNear(frame, blueColour)));
    assert.ok(isNear(frames.at(-1), black));
    const times = frames.map(({ timestamp }) => timestamp);
    assert.deepEqual(
      times,
      [...new Set(times)].sort((a, b) => a - b),
    );
    // After `slow`, the Worker emits `ready` again.
    const told = events
      .map(({ type, reason }) => reason ?? type)
      .filter((what) => !['stats', 'slow'].includes(what));
    const changes = told.filter((what, i) => what !== told[i - 1]);
    assert.deepEqual(changes, ['loading', 'ready', 'ended']);
    assert.deepEqual(page.problems, []);
    await page.close();
  });
});
