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

  /**
   * Where the smoothed mask is sure of the person: 0 up to an alpha of three quarters, and beside it, so
   * that it stays so when the mask is enlarged.
   */
  inner(): OffscreenCanvas {
    const { smoothed, confident, size } = this;
    const pixels = smoothed.getImageData(0, 0, ...size);
    const { data } = pixels;
    const least = leastAlphas(pixels);
    for (let i = 0; i < least.length; ++i) data[4 * i + 3] = 4 * (least[i] ?? 0) - 3 * 255;
    confident.putImageData(pixels, 0, 0);
    return confident.canvas;
  }
}

/** The least alpha of each pixel and its eight neighbours. */
function leastAlphas({ width, height, data }: ImageData): Uint8Array {
  const least = new Uint8Array(width * height).fill(255);
  for (let y = 0; y < height; ++y) {
    for (let x = 0; x < width; ++x) {
      const alpha = data[4 * (y * width + x) + 3] ?? 0;
      if (alpha === 255) continue;
      for (let v = Math.max(y - 1, 0); v <= Math.min(y + 1, height - 1); ++v) {
        for (let u = Math.max(x - 1, 0); u <= Math.min(x + 1, width - 1); ++u) {
          least[v * width + u] = Math.min(least[v * width + u] ?? 0, alpha);
        }
      }
    }
  }
  return least;
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
