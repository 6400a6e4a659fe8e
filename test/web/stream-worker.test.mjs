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

const mostStarts = 3;

/**
 * In Firefox, whose own streams need no such Worker, `new Worker` in a Worker now and then never
 * returns (seen in 153.8 on busy machines): a Worker that died so is started again.
 */
async function throughWorker(page, browser, settings) {
  for (let starts = 1; ; ++starts) {
    const result = await page.call('throughWorker', '/faulty/stream/worker.js', settings, 30);
    const hung = browser === 'firefox' && result.events.at(-1).type === 'died';
    if (!hung || starts === mostStarts) return result;
  }
}

describeInBrowsers('the stream’s Worker with streams of its own', (context) => {
  it('processes a track', async () => {
    Object.assign(context.answers, spoiled('stream/worker.js', streams));
    const page = await openPage(context);
    const { tflite, ...model } = modelOf();
    const settings = {
      model: { ...model, tflite: new URL(tflite, context.server.address).href },
      background: blue,
    };
    const { events, frames } = await throughWorker(page, context.name, settings);
    assertNeverRaw(frames);
    const seen = `${frames.length} frames; ${events.map(({ type, reason }) => reason ?? type)}`;
    assert.ok(
      frames.some((frame) => isNear(frame, blueColour)),
      seen,
    );
    assert.ok(isNear(frames.at(-1), black), seen);
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
