// How a frame lies in memory.
import { BackdropError } from '../error.js';
import type { FrameFormat, FrameLayout, FrameOptions } from './kinds.js';

/** Bytes of a row, and rows, of every plane. */
function planesOf(
  format: FrameFormat,
  width: number,
  height: number,
  alphaPlane: boolean,
): [stride: number, rows: number][] {
  const halfWidth = (width + 1) >> 1;
  const halfHeight = (height + 1) >> 1;
  switch (format) {
    case 'RGBA':
    case 'BGRA':
      return [[4 * width, height]];
    case 'NV12':
      return [
        [width, height],
        [2 * halfWidth, halfHeight],
      ];
    case 'I420':
      return [
        [width, height],
        [halfWidth, halfHeight],
        [halfWidth, halfHeight],
        ...(alphaPlane ? [[width, height] as [number, number]] : []),
      ];
  }
}

/** A layout with the planes one after the other, without gaps, and its size in bytes. */
export function planFrame(
  format: FrameFormat,
  width: number,
  height: number,
  options: FrameOptions = {},
): [layout: FrameLayout, size: number] {
  const {
    colorSpace = 'bt601',
    fullRange = false,
    rotation = 0,
    flip = false,
    alphaPlane = false,
  } = options;
  if (alphaPlane && format !== 'I420') {
    throw new BackdropError('argument', `only I420 can have an alpha plane, not ${format}`);
  }
  let size = 0;
  const layout = planesOf(format, width, height, alphaPlane).map(([stride, rows]) => {
    const offset = size;
    size += stride * rows;
    return { offset, stride };
  });
  return [
    { format, width, height, layout, colorSpace, fullRange, rotation, flip, alphaPlane },
    size,
  ];
}
