// Keeps out a browser's mix-ups of pictures (findings/webkit-draws-the-camera-for-a-clip.sh).
import { contextOf } from './engine/canvas.js';
import { convertsToRgba } from './engine/probes.js';
import { BackdropError } from './error.js';

/** A wrong draw is about as frequent as a right one, so fewer may all be right by chance. */
const draws = 8;
const colour = [32, 192, 64, 255];
const side = 8;
const bytes = Uint8Array.from({ length: 4 * side * side }, (_, index) => colour[index % 4] ?? 0);

let mixesUp = false;

/** Tracks of the page's backdrops that may be a camera's. */
const cameras = new Set<MediaStreamTrack>();

/** Tells of a source: beside a live one that may be a camera's, no picture is taken where a draw is suspect. */
export function noteSource(track: MediaStreamTrack): void {
  forgetEnded();
  if (!('canvas' in track)) cameras.add(track);
}

function hasCamera(): boolean {
  forgetEnded();
  return cameras.size > 0;
}

function forgetEnded(): void {
  for (const track of cameras) if (track.readyState === 'ended') cameras.delete(track);
}

/**
 * Whether a draw of one picture may show another: only where copyTo does not convert, as in WebKit. Without
 * VideoFrame this can't be found out.
 */
async function isSuspect(): Promise<boolean> {
  return 'VideoFrame' in globalThis && !(await convertsToRgba(null));
}

/**
 * Takes a picture of a video that is no camera. Rejects with a BackdropError of code `unsupported` when the picture
 * may be the camera's: beside a source that may be one, and, from then on, when a draw just before or after has
 * shown something else than was drawn, since the page may have a camera that no backdrop was given.
 */
export async function takeUnmixed<Kept extends ImageBitmap>(
  take: () => Promise<Kept>,
): Promise<Kept> {
  if (!(await isSuspect())) return take();
  checkDraws();
  const picture = await take();
  try {
    checkDraws();
    return picture;
  } catch (reason) {
    picture.close();
    throw reason;
  }
}

function checkDraws(): void {
  if (!hasCamera()) {
    for (let count = 0; count < draws && !mixesUp; ++count) mixesUp = !drawsRight();
    if (!mixesUp) return;
  }
  throw new BackdropError(
    'unsupported',
    'this browser mixes up a background video with the camera’s picture, so the video can’t be shown',
  );
}

function drawsRight(): boolean {
  const frame = new VideoFrame(bytes, {
    format: 'RGBA',
    codedWidth: side,
    codedHeight: side,
    timestamp: 0,
  });
  const context = contextOf([side, side]);
  context.drawImage(frame, 0, 0);
  frame.close();
  const { data } = context.getImageData(0, 0, side, side);
  return data.every((value, index) => Math.abs(value - (bytes[index] ?? 0)) < 16);
}
