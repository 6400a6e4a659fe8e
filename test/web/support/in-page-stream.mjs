// Functions that stream tests call in the page, as `inPage`: one stream, its sources and its output.
import './open-frames.mjs';
import { workers } from './in-page-workers.mjs';
import { Backdrop } from '../../../web/package/dist/index.js';
import { frameMaker } from './in-page-frames.mjs';
import { CanvasSource, FrameSource } from './in-page-source.mjs';
import { countReceived } from './in-page-call.mjs';
import { throughWorker } from './in-page-worker-streams.mjs';
import { watch } from './in-page-watch.mjs';

const patience = 90_000;
const eventTypes = ['ready', 'degraded', 'stats', 'error', 'track'];

const sources = [];
const events = [];
const frames = [];
const openFrames = [];
let engineCalls = 0;
let backdrop;
let output;

new BroadcastChannel('open frames').addEventListener('message', ({ data }) => {
  openFrames.push(data);
});

new BroadcastChannel('engine calls').addEventListener('message', () => ++engineCalls);

const plain = (detail) => {
  if (detail instanceof MediaStreamTrack) return {};
  if (!(detail instanceof Error)) return detail;
  const { name, code, message } = detail;
  return { name, code, message };
};

/** The frames and events so far in words, for an error's message. */
function lately() {
  const told = events.filter(({ type }) => type !== 'stats').map((event) => JSON.stringify(event));
  const { colour, room } = frames.at(-1) ?? {};
  return `${frames.length} frames, the last of ${colour}, raw: ${room}; ${told.join(', ')}`;
}

const isNear =
  (rgb) =>
  ({ colour }) =>
    rgb.every((value, channel) => Math.abs(value - colour[channel]) < 16);

/** Waits until the condition is truthy, and returns its value. */
async function until(condition, what) {
  const end = performance.now() + patience;
  for (;;) {
    const answer = condition();
    if (answer) return answer;
    if (performance.now() > end) throw new Error(`${what} did not come; ${lately()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

let behind;

/** Shows this colour in the page's own background video from now on. */
function paintVideo(colour) {
  const paint = () => {
    behind.fillStyle = colour;
    behind.fillRect(0, 0, 64, 48);
  };
  behind ??= Object.assign(document.createElement('canvas'), { width: 64, height: 48 }).getContext(
    '2d',
  );
  clearInterval(behind.clock);
  behind.clock = setInterval(paint, 50);
  paint();
}

/** The page's own background video, as a track or as an element that shows it. */
async function ownVideo(kind) {
  paintVideo('#e0a020');
  const stream = behind.canvas.captureStream(20);
  if (kind === 'track') return stream.getVideoTracks()[0];
  const video = Object.assign(document.createElement('video'), { muted: true, srcObject: stream });
  await video.play();
  return video;
}

/** The options, with a picture of the page in place of `drawn`, and with an <img> for `shown`. */
async function resolved({ ...options }) {
  const { shown } = options.background?.image ?? {};
  if (shown) {
    const image = new Image();
    image.src = shown;
    await image.decode();
    options.background = { kind: 'image', image };
  }
  if (options.background?.image === 'drawn') {
    const canvas = new OffscreenCanvas(64, 48);
    const context = canvas.getContext('2d');
    context.fillStyle = '#e0a020';
    context.fillRect(0, 0, 64, 48);
    options.background = { ...options.background, image: await canvas.convertToBlob() };
  }
  const { video } = options.background ?? {};
  if (['track', 'element'].includes(video)) {
    options.background = { ...options.background, video: await ownVideo(video) };
  }
  return options;
}

/** Watches the processed track if it is a new one; returns whether it is. */
function take(track) {
  if (track === output) return false;
  output = track;
  void watch(track, (frame) => frames.push(frame));
  return true;
}

async function processTrack(track) {
  sources.push({ track, stop: () => track.stop() });
  return take(await backdrop.process(track));
}

globalThis.inPage = {
  async create(options) {
    backdrop = new Backdrop(await resolved(options));
    for (const type of eventTypes) {
      backdrop.on(type, (detail) => {
        events.push({ type, ...plain(detail) });
        if (type === 'track') take(detail);
      });
    }
  },

  paintVideo,

  /** Whether this browser can decode the frames of an animated picture. */
  decodes: async (type) =>
    'ImageDecoder' in globalThis && globalThis.ImageDecoder.isTypeSupported(type),

  /** Sends a message to a spoiled Worker. */
  tellWorker: (what) => new BroadcastChannel('faults').postMessage(what),

  creationError: (options) => {
    try {
      new Backdrop(options);
      return undefined;
    } catch (error) {
      return plain(error);
    }
  },

  audioError: async () => {
    const [track] = new AudioContext().createMediaStreamDestination().stream.getAudioTracks();
    return plain(await backdrop.process(track).catch((error) => error));
  },

  /** Processes a canvas; returns whether the processed track is a new one. */
  async process(options) {
    const source = new CanvasSource(options);
    sources.push(source);
    return take(await backdrop.process(source.track));
  },

  async processCamera() {
    const camera = await navigator.mediaDevices.getUserMedia({
      video: { width: 320, height: 240 },
    });
    return processTrack(camera.getVideoTracks()[0]);
  },

  /** Processes a camera one of whose frames the page keeps open. */
  async processHeldCamera() {
    const camera = await navigator.mediaDevices.getUserMedia({
      video: { width: 320, height: 240 },
    });
    const [track] = camera.getVideoTracks();
    const { readable } = new MediaStreamTrackProcessor({ track });
    const kept = await readable.getReader().read();
    addEventListener('pagehide', () => kept.value.close());
    return processTrack(track);
  },

  /** Processes frames that are written one by one. */
  async processFrames() {
    const source = new FrameSource();
    sources.push(source);
    return take(await backdrop.process(source.track));
  },

  /** Writes this many frames; returns their timestamps. */
  writeFrames: (description, count) => sources.at(-1).write(frameMaker(description), count),
  resize: (width, height) => sources.at(-1).resize(width, height),
  stopSource: () => sources.at(-1).stop(),
  enableSource(enabled) {
    sources.at(-1).track.enabled = enabled;
  },
  /** Processes no source any more, and waits for the blank frame. */
  async letGo() {
    const { length } = frames;
    await backdrop.process(null);
    await until(() => frames.slice(length).some(isNear([0, 0, 0])), 'a blank frame');
  },
  told: () => ({
    state: backdrop.state,
    hasSource: backdrop.source !== undefined,
    hasOutput: backdrop.output === output && output.readyState === 'live',
    sourceIsLive: sources.at(-1).track.readyState === 'live',
  }),
  stopOutput: () => output.stop(),
  enableOutput(enabled) {
    output.enabled = enabled;
  },
  /** How many calls an engine gets, whose Worker is spoiled to tell them, while the source gives this many frames. */
  async engineCalls(count) {
    const source = sources.at(-1);
    const [calls, first] = [engineCalls, source.drawn];
    await until(() => source.drawn >= first + count, `${count} frames of the source`);
    return engineCalls - calls;
  },
  outputState: () => output.readyState,
  outputSize() {
    const { width, height } = output.getSettings();
    return [width, height];
  },
  outputRate: () => output.getSettings().frameRate,
  constrainOutput: (constraints) => output.applyConstraints(constraints),

  /** The error with which the change rejects, if it does, and the number of frames until then. */
  async set(changes) {
    const error = await backdrop.set(await resolved(changes)).catch((reason) => reason);
    return { error: plain(error), ...globalThis.inPage.now() };
  },
  stop: () => backdrop.stop(),
  dispose: () => backdrop.dispose(),

  /** Terminates the latest Worker of this name, as a crash would. */
  terminate: (name) => workers.findLast((entry) => entry.name === name).worker.terminate(),

  /** The numbers of frames and events so far, and the number of the latest frame drawn. */
  now: () => ({
    frames: frames.length,
    events: events.length,
    drawn: sources.at(-1)?.drawn - 1,
  }),
  allFrames: () => frames,
  allEvents: () => events,

  /** Waits for this many more frames. */
  async nextFrames(count) {
    const first = frames.length;
    await until(() => frames.length >= first + count, `${count} frames`);
    return frames.slice(first, first + count);
  },

  /** The first event since `from` with these values. */
  event: (values, from = 0) =>
    until(
      () =>
        events
          .slice(from)
          .find((event) => Object.entries(values).every(([key, value]) => event[key] === value)),
      JSON.stringify(values),
    ),

  throughWorker,

  /** The numbers of open frames that each thread has reported. */
  openFrames: () => openFrames,

  isHidden: () => document.hidden,

  /** The frames that the other side of a call receives in this many seconds, as a share of the camera's. */
  async deliveredShare(seconds) {
    const received = await countReceived(output, seconds);
    return received / seconds / sources.at(-1).track.getSettings().frameRate;
  },

  count: (wanted) => events.filter(({ type }) => type === wanted).length,
  happened: (wanted) => events.some(({ type }) => type === wanted),

  /** Waits for statistics since `from` of frames that were skipped, and fewer than so many a second. */
  paced: (fps, from) =>
    until(
      () => events.slice(from).some(({ fpsOut, skipped }) => fpsOut < fps && skipped > 0),
      `${fps} frames a second`,
    ),

  /** Waits for statistics of frames that were dropped. */
  dropped: () => until(() => events.some(({ dropped }) => dropped > 0), 'a dropped frame'),

  /** Waits for a frame, from `from` on, whose corners are of this colour. */
  async colour(rgb, from = 0) {
    return until(() => frames.slice(from).some(isNear(rgb)), `the colour ${rgb}`);
  },

  /** Waits for a frame, from `from` on, whose corners are of another colour. */
  async otherColour(rgb, from) {
    const isOther = (frame) => !isNear(rgb)(frame);
    return until(() => frames.slice(from).some(isOther), `a colour other than ${rgb}`);
  },

  /** Waits for a frame of one of these times. */
  time: (times) => until(() => frames.some(({ timestamp }) => times.includes(timestamp)), times),

  /** Waits for a frame, from `from` on, that shows the room. */
  raw: (from) => until(() => frames.slice(from).some(({ room }) => room), 'the room'),

  /** Waits for a frame of this size. */
  size: (width, height) =>
    until(
      () => frames.at(-1)?.width === width && frames.at(-1).height === height,
      `${width}x${height}`,
    ),
};
