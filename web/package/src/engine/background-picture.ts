// The picture behind the person, as every pipeline takes it.
import { canvasOf, checkReading, contextOf, resize, type Context, type Size } from './canvas.js';
import { isPixels, sizeOf, type Picture } from './picture.js';

/** Pixels of a side; a larger picture is shrunk. */
export const largestSide = 2560;

/** The size, shrunk to what is kept of a picture. */
export function keptSize([width, height]: Size): Size {
  const scale = Math.min(1, largestSide / Math.max(width, height));
  return [width, height].map((side) => Math.max(1, Math.round(scale * side))) as Size;
}

/** Draws the picture on the whole canvas, which gets its size: opaque, laid on black. */
export function drawBackground(context: Context, image: Picture): void {
  const size = keptSize(sizeOf(image));
  resize(context, size);
  context.globalCompositeOperation = 'source-over';
  context.fillStyle = '#000';
  context.fillRect(0, 0, ...size);
  context.imageSmoothingQuality = 'high';
  context.drawImage(isPixels(image) ? canvasOf(image) : image, 0, 0, ...size);
}

let reading: Context | undefined;

/** The picture's pixels: opaque, laid on black. */
export function backgroundPixels(image: Picture): ImageData {
  checkReading();
  reading ??= contextOf([1, 1], { willReadFrequently: true });
  drawBackground(reading, image);
  return reading.getImageData(0, 0, reading.canvas.width, reading.canvas.height);
}
