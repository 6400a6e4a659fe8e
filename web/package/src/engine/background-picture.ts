// The picture behind the person, as every pipeline takes it.
import { canvasOf, checkReading, contextOf, resize, type Context, type Size } from './canvas.js';
import { isPixels, sizeOf, type Picture } from './picture.js';
import { usualPlacement, type Placement } from './placement.js';

/** Pixels of a side; a larger picture is shrunk. */
export const largestSide = 2560;

/** The size, shrunk to what is kept of a picture. */
export function keptSize([width, height]: Size): Size {
  const scale = Math.min(1, largestSide / Math.max(width, height));
  return [width, height].map((side) => Math.max(1, Math.round(scale * side))) as Size;
}

/** Draws the picture on the whole canvas, which gets its size: opaque, laid on the color. */
export function drawBackground(
  context: Context,
  image: Picture,
  color = usualPlacement.color,
): void {
  const size = keptSize(sizeOf(image));
  resize(context, size);
  context.globalCompositeOperation = 'source-over';
  context.fillStyle = color;
  context.fillRect(0, 0, ...size);
  context.imageSmoothingQuality = 'high';
  context.drawImage(isPixels(image) ? canvasOf(image) : image, 0, 0, ...size);
}

/**
 * Draws the picture where the placement says, as the engine does where it composites: this is for the pipeline
 * whose pixels never reach the engine. The context composites by `destination-over`.
 */
export function drawPlaced(
  context: Context,
  picture: OffscreenCanvas,
  { fit, position: [x, y], mirror, color }: Placement,
): void {
  const { width, height } = context.canvas;
  const scales = [width / picture.width, height / picture.height];
  const scale = fit === 'cover' ? Math.max(...scales) : Math.min(...scales);
  const [w, h] = [scale * picture.width, scale * picture.height];
  if (mirror) context.setTransform(-1, 0, 0, 1, width, 0);
  context.drawImage(picture, (width - w) * x, (height - h) * y, w, h);
  context.resetTransform();
  if (fit === 'cover') return;
  context.fillStyle = color;
  context.fillRect(0, 0, width, height);
}

let reading: Context | undefined;

/** The picture's pixels: opaque, laid on the color. */
export function backgroundPixels(image: Picture, color?: string): ImageData {
  checkReading();
  reading ??= contextOf([1, 1], { willReadFrequently: true });
  drawBackground(reading, image, color);
  return reading.getImageData(0, 0, reading.canvas.width, reading.canvas.height);
}
