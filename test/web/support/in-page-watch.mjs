// Checks every frame of a track.
import { bits } from './in-page-source.mjs';
import { isWebKit, rgbaOf } from './in-page-pixels.mjs';

const patch = 32;

/** The sampled pixels: the corners at full resolution, and the bits of the frame's number between them. */
export class Looker {
  context = new OffscreenCanvas(2 * patch, 2 * patch + 1).getContext('2d', {
    willReadFrequently: true,
  });

  look(image, width, height) {
    const { context } = this;
    Object.assign(context, { globalCompositeOperation: 'copy', imageSmoothingEnabled: false });
    context.clearRect(0, 0, 2 * patch, 2 * patch + 1);
    context.globalCompositeOperation = 'source-over';
    for (const [x, y] of [0, 1, 2, 3].map((corner) => [corner % 2, corner >> 1])) {
      const from = [x * (width - patch), y * (height - patch), patch, patch];
      context.drawImage(image, ...from, x * patch, y * patch, patch, patch);
    }
    context.drawImage(image, 0, 0.5 * height - 1, width, 2, 0, 2 * patch, bits, 1);
    const { data } = context.getImageData(0, 0, 2 * patch, 2 * patch + 1);
    const corners = data.subarray(0, 4 * (2 * patch) ** 2);
    return describe(corners, data.subarray(corners.length));
  }
}

/** The same of the frame's own pixels: on a canvas, those of alpha 0 are black. */
async function lookAtPixels(frame) {
  const { width, height } = frame.visibleRect;
  const pixels = await rgbaOf(frame);
  const corners = new Uint8Array(4 * (2 * patch) ** 2);
  const numbers = new Uint8Array(4 * bits);
  const copy = (x, y, count, to, at) => {
    const first = 4 * (y * width + x);
    to.set(pixels.subarray(first, first + 4 * count), 4 * at);
  };
  for (let y = 0; y < patch; ++y) {
    for (const [i, row] of [y, height - 1 - y].entries()) {
      copy(0, row, patch, corners, 2 * patch * (2 * y + i));
      copy(width - patch, row, patch, corners, 2 * patch * (2 * y + i) + patch);
    }
  }
  for (let bit = 0; bit < bits; ++bit) {
    copy(Math.floor(((bit + 0.5) * width) / bits), height >> 1, 1, numbers, bit);
  }
  return describe(corners, numbers);
}

/**
 * The corners' mean colour, whether any of their pixels has a colour of the room, whatever its alpha (calls
 * and recorders drop that), and the frame's number.
 */
function describe(corners, numbers) {
  const colour = [0, 0, 0, 0];
  let room = false;
  for (let i = 0; i < corners.length; i += 4) {
    const [red, green, blue] = corners.subarray(i, i + 3);
    for (let channel = 0; channel < 4; ++channel) colour[channel] += corners[i + channel];
    room ||= red > 200 && green < 60 && blue > 200;
  }
  let number = 0;
  for (let bit = 0; bit < bits; ++bit) number |= (numbers[4 * bit] > 127) << bit;
  return { colour: colour.map((sum) => Math.round((4 * sum) / corners.length)), room, number };
}

/** Calls `seen` with each frame of the track. */
export async function readFrames(track, seen) {
  const { readable } = new globalThis.MediaStreamTrackProcessor({ track, maxBufferSize: 60 });
  const looker = new Looker();
  const reader = readable.getReader(); // WebKit's streams have no async iterators.
  for (;;) {
    const { done, value: frame } = await reader.read();
    if (done) return;
    const { displayWidth: width, displayHeight: height, timestamp, duration, format } = frame;
    const { rotation, flip } = frame;
    const own = await lookAtPixels(frame);
    // WebKitGTK at times draws another picture than the frame's, for instance its mock camera's.
    const look = isWebKit ? own : looker.look(frame, width, height);
    frame.close();
    look.room ||= own.room;
    seen({ width, height, timestamp, duration, format, rotation, flip, ...look });
  }
}

/** A Worker that reads frames, where Workers can and the window can't. */
async function readingWorker() {
  const worker = new Worker('/test/web/support/in-worker-watch.mjs', { type: 'module' });
  worker.postMessage({});
  const { data } = await new Promise((resolve) => worker.addEventListener('message', resolve));
  return data ? worker : undefined;
}

function readFramesInWorker(worker, track, seen) {
  const copy = track.clone();
  worker.addEventListener('message', ({ data }) => seen(data));
  worker.postMessage({ track: copy }, [copy]);
}

function watchVideo(track, seen) {
  const video = document.createElement('video');
  Object.assign(video, { muted: true, srcObject: new MediaStream([track]) });
  document.body.append(video);
  const looker = new Looker();
  const look = (seconds) => {
    const { videoWidth: width, videoHeight: height } = video;
    const timestamp = Math.round(1e6 * seconds);
    if (width > 0) seen({ width, height, timestamp, ...looker.look(video, width, height) });
  };
  const next = () =>
    video.requestVideoFrameCallback((_, { mediaTime }) => {
      look(mediaTime);
      next();
    });
  if (!isWebKit) next();
  // WebKitGTK calls requestVideoFrameCallback once for a canvas's track, and never again; no browser does in a
  // hidden page.
  const ticks = new Worker('/web/package/dist/transport/tick-worker.js', { type: 'module' });
  ticks.addEventListener('message', () => {
    if (isWebKit || document.hidden) look(video.currentTime);
  });
  ticks.postMessage(1000 / 30);
  void video.play();
}

/**
 * Reports each frame of the track: its size and timestamp, the mean colour of its corners (RGBA),
 * whether any pixel there has a colour of the room, and the number that the frame shows.
 */
export async function watch(track, seen) {
  if ('MediaStreamTrackProcessor' in globalThis) return readFrames(track, seen);
  const worker = isWebKit && (await readingWorker());
  if (worker) readFramesInWorker(worker, track, seen);
  else watchVideo(track, seen);
}
