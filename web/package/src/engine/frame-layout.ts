// How a frame lies in memory.
import type { FrameFormat, FrameLayout, FrameOptions } from './kinds.js';

/** A plane's bytes in a row, and its rows. */
type Plane = readonly [stride: number, rows: number];

interface FormatTraits {
  /** The names that WebCodecs has for the format, with and without an alpha that counts. */
  videoFormats: readonly string[];
  isRgb?: boolean;
  planes: (width: number, height: number) => readonly Plane[];
}

const half = (size: number) => (size + 1) >> 1;

/** All that the package knows of a frame's format: the compiler names a format that lacks its row. */
const formatTraits: Record<FrameFormat, FormatTraits> = {
  RGBA: {
    videoFormats: ['RGBA', 'RGBX'],
    isRgb: true,
    planes: (width, height) => [[4 * width, height]],
  },
  BGRA: {
    videoFormats: ['BGRA', 'BGRX'],
    isRgb: true,
    planes: (width, height) => [[4 * width, height]],
  },
  I420: {
    videoFormats: ['I420'],
    planes: (width, height) => [
      [width, height],
      [half(width), half(height)],
      [half(width), half(height)],
    ],
  },
  NV12: {
    videoFormats: ['NV12'],
    planes: (width, height) => [
      [width, height],
      [2 * half(width), half(height)],
    ],
  },
};

/** The engine's format of a VideoFrame.format; undefined if the engine has none. */
export function engineFormatOf(videoFormat: string | null): FrameFormat | undefined {
  const formats = Object.keys(formatTraits) as FrameFormat[];
  return formats.find((format) => formatTraits[format].videoFormats.includes(videoFormat ?? ''));
}

export function isRgb(format: FrameFormat): boolean {
  return formatTraits[format].isRgb ?? false;
}

/** A layout with the planes one after the other, without gaps, and its size in bytes. */
export function planFrame(
  format: FrameFormat,
  width: number,
  height: number,
  options: FrameOptions = {},
): [layout: FrameLayout, size: number] {
  const { colorSpace = 'bt601', fullRange = false, rotation = 0, flip = false } = options;
  let size = 0;
  const layout = formatTraits[format].planes(width, height).map(([stride, rows]) => {
    const offset = size;
    size += stride * rows;
    return { offset, stride };
  });
  return [{ format, width, height, layout, colorSpace, fullRange, rotation, flip }, size];
}
