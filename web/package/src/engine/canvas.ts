// 2D canvases of a Worker, and what is read of them.
import { BackdropError } from '../error.js';

export type Context = OffscreenCanvasRenderingContext2D;
export type Size = [width: number, height: number];

export function contextOf(
  [width, height]: Size,
  settings?: CanvasRenderingContext2DSettings,
): Context {
  const context = new OffscreenCanvas(width, height).getContext('2d', settings);
  if (!context) throw new BackdropError('unsupported', 'this browser has no 2D canvas in a Worker');
  return context;
}

/** Clears the canvas if its size changes. */
export function resize({ canvas }: Context, [width, height]: Size): void {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
}

export function canvasOf(pixels: ImageData): OffscreenCanvas {
  const context = contextOf([pixels.width, pixels.height]);
  context.putImageData(pixels, 0, 0);
  return context.canvas;
}

let reading: Context | undefined;

/** The image's pixels at this size. */
export function drawnPixels(image: CanvasImageSource, [width, height]: Size): ImageData {
  checkReading();
  reading ??= contextOf([1, 1], { willReadFrequently: true });
  // Setting the size clears the canvas.
  Object.assign(reading.canvas, { width, height });
  reading.drawImage(image, 0, 0, width, height);
  return reading.getImageData(0, 0, width, height);
}

let readsWhatIsDrawn: boolean | undefined;

/**
 * Throws a BackdropError of code `unsupported` where a canvas gives noise in place of its pixels, as
 * Firefox's resistance to fingerprinting does.
 */
export function checkReading(): void {
  readsWhatIsDrawn ??= tryToRead();
  if (readsWhatIsDrawn) return;
  throw new BackdropError(
    'unsupported',
    'this browser gives noise for a canvas’s pixels, to resist fingerprinting',
  );
}

/** Some browsers change the lowest bits of a few samples, which is harmless. */
const harmless = 2;

function tryToRead(): boolean {
  const size = 16;
  const context = contextOf([size, size], { willReadFrequently: true });
  const levelOf = (x: number, y: number) => (x * 16 + y * 5) % 256;
  for (let y = 0; y < size; ++y) {
    for (let x = 0; x < size; ++x) {
      const level = levelOf(x, y);
      context.fillStyle = `rgb(${level} ${255 - level} ${level >> 1})`;
      context.fillRect(x, y, 1, 1);
    }
  }
  const { data } = context.getImageData(0, 0, size, size);
  return data.every((value, i) => {
    const level = levelOf((i >> 2) % size, (i >> 2) >> 4);
    const drawn = [level, 255 - level, level >> 1, 255][i & 3] ?? 0;
    return Math.abs(value - drawn) <= harmless;
  });
}
