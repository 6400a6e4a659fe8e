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

/**
 * Whether a draw of one picture may show another: only where copyTo does not convert, as in WebKit. Without
 * VideoFrame this can't be found out.
 */
async function isSuspect(): Promise<boolean> {
  return 'VideoFrame' in globalThis && !(await convertsToRgba(null));
}

/**
 * Takes a picture of a video that is no camera. Rejects with a BackdropError of code `unsupported`, from then on,
 * when a draw just before or after has shown something else than was drawn: the picture may be the camera's.
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
  for (let count = 0; count < draws && !mixesUp; ++count) mixesUp = !drawsRight();
  if (!mixesUp) return;
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
