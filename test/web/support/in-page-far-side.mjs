// What others get of a processed track: the other peer's decoded pixels, and recordings.
import { Backdrop } from '../../../web/package/dist/index.js';
import { connect } from './in-page-call.mjs';
import { rgbaOf } from './in-page-pixels.mjs';
import { cell, countLoud, roomColours, size } from './loud-room.mjs';

const [width, height] = size;
const patience = 60_000;
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A canvas's track that is drawn anew 30 times a second by `draw`. */
function drawnTrack(draw) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d', { alpha: false });
  let count = 0;
  const clock = setInterval(() => draw(context, count++), 33);
  draw(context, count++);
  const [track] = canvas.captureStream().getVideoTracks();
  const stop = () => {
    clearInterval(clock);
    track.stop();
  };
  return { track, stop };
}

function drawRoom(context, count) {
  for (let y = 0; y < height; y += cell) {
    for (let x = 0; x < width; x += cell) {
      context.fillStyle = roomColours[((x + y) / cell) % 2];
      context.fillRect(x, y, cell, cell);
    }
  }
  // No two frames are the same.
  context.fillStyle = count % 2 ? '#000' : '#222';
  context.fillRect(0, 0, cell, cell);
}

function drawFilm(context) {
  context.fillStyle = '#20a0e0';
  context.fillRect(0, 0, width, height);
}

function picture() {
  const canvas = new OffscreenCanvas(64, 48);
  const context = canvas.getContext('2d');
  context.fillStyle = '#e0a020';
  context.fillRect(0, 0, 64, 48);
  return canvas;
}

/** Calls `seen` with the pixels of each frame of the track. */
async function readPixels(track, seen) {
  if (!('MediaStreamTrackProcessor' in globalThis)) return readVideo(track, seen);
  const reader = new globalThis.MediaStreamTrackProcessor({ track }).readable.getReader();
  for (;;) {
    const { done, value: frame } = await reader.read();
    if (done) return undefined;
    seen(await rgbaOf(frame));
    frame.close();
  }
}

function readVideo(track, seen) {
  const video = document.createElement('video');
  Object.assign(video, { muted: true, srcObject: new MediaStream([track]) });
  document.body.append(video);
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  const next = () => {
    context.drawImage(video, 0, 0, width, height);
    seen(context.getImageData(0, 0, width, height).data);
    video.requestVideoFrameCallback(next);
  };
  video.requestVideoFrameCallback(next);
  void video.play();
}

/** The far side of a call: what its frames show. */
class FarSide {
  frames = 0;
  /** Frames with any pixel of the room. */
  raw = 0;
  /** Of the latest frame: the share of the room's pixels, and the colour in its middle. */
  share = 0;
  middle = [];

  constructor(track) {
    void readPixels(track, (pixels) => {
      const loud = countLoud(pixels, 4);
      ++this.frames;
      if (loud > 0) ++this.raw;
      this.share = (4 * loud) / pixels.length;
      const at = 4 * ((height >> 1) * width + (width >> 1));
      this.middle = [...pixels.subarray(at, at + 3)];
    });
  }

  isNear(rgb) {
    return rgb.every((value, channel) => Math.abs(value - this.middle[channel]) < 40);
  }

  async until(condition, what) {
    const end = performance.now() + patience;
    while (!condition(this)) {
      if (performance.now() > end) throw new Error(`${what} did not come: ${JSON.stringify(this)}`);
      await sleep(20);
    }
  }
}

/** Starts to record; returns what ends that, and answers with the file's bytes in base64. */
function record(track, mimeType) {
  const recorder = new MediaRecorder(new MediaStream([track]), { mimeType });
  const parts = [];
  recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
  recorder.start();
  return async () => {
    const stopped = new Promise((resolve) => recorder.addEventListener('stop', resolve));
    recorder.stop();
    await stopped;
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  };
}

const film = drawnTrack(drawFilm);

/** Backgrounds, and the colour of each. */
const backgrounds = [
  [{ kind: 'color', rgb: 0x2040c0 }, [0x20, 0x40, 0xc0]],
  [{ kind: 'blur', strength: 8 }, [0x80, 0x80, 0x80]],
  [{ kind: 'image', image: picture() }, [0xe0, 0xa0, 0x20]],
  [{ kind: 'transparent' }, [0, 0, 0]],
  [{ kind: 'video', video: film.track }, [0x20, 0xa0, 0xe0]],
];

globalThis.inPage = {
  /**
   * Sends the processed track to a peer and to recorders, with each background in turn, and the room at last.
   * @returns how many frames showed the room with each background, the recordings, and a recording of the room
   */
  async tour({ mimeTypes, ...options }) {
    const room = drawnTrack(drawRoom);
    const backdrop = new Backdrop({ background: backgrounds[0][0], ...options });
    const output = await backdrop.process(room.track);
    const { received, close } = await connect(output);
    const far = new FarSide(received);
    const types = mimeTypes.filter((type) => MediaRecorder.isTypeSupported(type));
    const recorders = types.map((type) => record(output, type));
    const raw = {};
    for (const [background, colour] of backgrounds) {
      const before = far.raw;
      await backdrop.set({ background });
      await far.until(() => far.isNear(colour), background.kind);
      const { frames } = far;
      await far.until(() => far.frames >= frames + 15, 'more frames');
      raw[background.kind] = far.raw - before;
    }
    const recordings = await Promise.all(recorders.map((end) => end()));
    await backdrop.set({ background: { kind: 'none' } });
    await far.until(() => far.share > 0.5, 'the room');
    const endControl = record(output, types[0]);
    await sleep(500);
    const control = await endControl();
    close();
    backdrop.dispose();
    room.stop();
    return { raw, recordings, control, types };
  },
};
