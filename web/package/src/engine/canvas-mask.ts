// The mask of the pipeline canvas2d.
import { contextOf, resize, type Context, type Size } from './canvas.js';

/** A blur reaches no farther, in standard deviations. */
const reach = 3;

/** A cut-out of the network's size, smoothed. */
export class CanvasMask {
  private readonly padded: Context;
  private readonly smoothed: Context;
  private readonly confident: Context;

  constructor(private readonly size: Size) {
    this.padded = contextOf([1, 1]);
    this.smoothed = contextOf(size, { willReadFrequently: true });
    this.confident = contextOf(size);
  }

  /** @param sigma of the blur, in pixels of the mask */
  smooth(cutOut: ImageData, sigma: number): OffscreenCanvas {
    const { padded, smoothed } = this;
    // The mask goes on beyond the picture's edge, or the blur would fade it there.
    const margin = Math.ceil(reach * sigma);
    const pixels = withMargin(cutOut, margin);
    resize(padded, [pixels.width, pixels.height]);
    padded.putImageData(pixels, 0, 0);
    smoothed.globalCompositeOperation = 'copy';
    smoothed.filter = sigma > 0 ? `blur(${sigma}px)` : 'none';
    smoothed.drawImage(padded.canvas, -margin, -margin);
    return smoothed.canvas;
  }

  /** Where the smoothed mask is sure of the person: 0 up to an alpha of three quarters. */
  inner(): OffscreenCanvas {
    const { smoothed, confident, size } = this;
    const pixels = smoothed.getImageData(0, 0, ...size);
    const { data } = pixels;
    for (let i = 3; i < data.length; i += 4) data[i] = 4 * (data[i] ?? 0) - 3 * 255;
    confident.putImageData(pixels, 0, 0);
    return confident.canvas;
  }
}

/** Repeats the outermost pixels on all sides. */
function withMargin({ width, height, data }: ImageData, margin: number): ImageData {
  const [outerWidth, outerHeight] = [width + 2 * margin, height + 2 * margin];
  const from = new Uint32Array(data.buffer);
  const to = new Uint32Array(outerWidth * outerHeight);
  for (let y = 0; y < outerHeight; ++y) {
    const row = Math.min(Math.max(y - margin, 0), height - 1) * width;
    const [start, end] = [y * outerWidth + margin, y * outerWidth + margin + width];
    to.fill(from[row] ?? 0, start - margin, start);
    to.set(from.subarray(row, row + width), start);
    to.fill(from[row + width - 1] ?? 0, end, end + margin);
  }
  return new ImageData(new Uint8ClampedArray(to.buffer), outerWidth);
}
