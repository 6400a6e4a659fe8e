// The stream's Worker with emulated streams, and with ports in place of tracks: no browser of the tests
// has such streams in Workers.
import { Remote } from '../../../web/package/dist/rpc.js';
import { drawRoom } from './in-page-source.mjs';
import { Looker } from './in-page-watch.mjs';

const [width, height] = [320, 180];

/**
 * Runs the Worker at this address, which takes ports in place of tracks, until it has written this many
 * frames after `ready`.
 * @returns its events, and a report of each frame
 */
export async function throughWorker(address, settings, count) {
  const events = [];
  const frames = [];
  const looker = new Looker();
  let isReady = false;
  let isDead = false;
  let processed = 0;
  const remote = new Remote(new Worker(address, { type: 'module', name: 'backdrop-stream' }), {
    event: (event) => {
      events.push(event);
      isReady ||= event.type === 'ready';
    },
    died: (reason) => {
      isDead = true;
      events.push({ type: 'died', detail: { reason: reason.message } });
    },
    brief: [],
  });
  const { track: output } = await remote.call('open', {});
  output.onmessage = ({ data: frame }) => {
    const { timestamp } = frame;
    if (isReady) ++processed;
    frames.push({ timestamp, ...looker.look(frame, frame.displayWidth, frame.displayHeight) });
    frame.close();
  };
  const { port1: source, port2: track } = new MessageChannel();
  const states = { sourceEnabled: true, outputEnabled: true };
  await remote.call('attach', { track, width, height, states }, [track]);
  remote.call('configure', settings).catch(() => undefined);

  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { alpha: false });
  for (let number = 0; !isDead && processed < count && number < 3000; ++number) {
    drawRoom(context, number);
    const frame = new VideoFrame(canvas, { timestamp: 33_333 * number });
    source.postMessage(frame, [frame]);
    await new Promise((resolve) => setTimeout(resolve, 33));
  }
  source.postMessage('end');
  const isOver = () =>
    events.some(({ detail }) => detail.reason === 'ended') &&
    frames
      .at(-1)
      .colour.slice(0, 3)
      .every((value) => value < 16);
  for (let i = 0; !isDead && i < 3000 && !isOver(); ++i)
    await new Promise((resolve) => setTimeout(resolve, 20));
  remote.close();
  return { events: events.map(({ type, detail }) => ({ type, reason: detail.reason })), frames };
}
