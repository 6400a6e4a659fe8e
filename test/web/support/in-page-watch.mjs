// Checks every frame of a track.
import { bits } from './in-page-source.mjs';

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
    return { ...describeCorners(corners), number: numberIn(data.subarray(corners.length)) };
  }
}

/** The corners' mean colour, and whether any of their pixels has a colour of the room. */
function describeCorners(pixels) {
  const colour = [0, 0, 0, 0];
  let room = false;
  for (let i = 0; i < pixels.length; i += 4) {
    const [red, green, blue, alpha] = pixels.subarray(i, i + 4);
    for (let channel = 0; channel < 4; ++channel) colour[channel] += pixels[i + channel];
    room ||= alpha > 32 && red > 200 && green < 60 && blue > 200;
  }
  return { colour: colour.map((sum) => Math.round((4 * sum) / pixels.length)), room };
}

function numberIn(pixels) {
  let number = 0;
  for (let bit = 0; bit < bits; ++bit) number |= (pixels[4 * bit] > 127) << bit;
  return number;
}

/** Calls `seen` with each frame of the track. */
async function readFrames(track, seen) {
  const { readable } = new globalThis.MediaStreamTrackProcessor({ track, maxBufferSize: 60 });
  const looker = new Looker();
  for await (const frame of readable) {
    const { displayWidth: width, displayHeight: height, timestamp, duration, format } = frame;
    const { rotation, flip } = frame;
    const look = looker.look(frame, width, height);
    frame.close();
    seen({ width, height, timestamp, duration, format, rotation, flip, ...look });
  }
}

function watchVideo(track, seen) {
  const video = document.createElement('video');
  Object.assign(video, { muted: true, srcObject: new MediaStream([track]) });
  document.body.append(video);
  const looker = new Looker();
  const next = () =>
    video.requestVideoFrameCallback((_, { mediaTime, width, height }) => {
      const look = looker.look(video, width, height);
      seen({ width, height, timestamp: Math.round(1e6 * mediaTime), ...look });
      next();
    });
  next();
  void video.play();
}

/**
 * Reports each frame of the track: its size and timestamp, the mean colour of its corners (RGBA),
 * whether any pixel there has a colour of the room, and the number that the frame shows.
 */
export function watch(track, seen) {
  if ('MediaStreamTrackProcessor' in globalThis) void readFrames(track, seen);
  else watchVideo(track, seen);
}
