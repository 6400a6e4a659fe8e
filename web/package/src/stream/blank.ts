// The frame that leaves in place of one that can't be processed.
import { isVideoFrame, sizeOf, type Picture } from '../engine/picture.js';

/** A frame's displayed size and time, kept while the frame is with the engine. */
export interface Outline {
  width: number;
  height: number;
  /** Microseconds; undefined if the picture is no VideoFrame. */
  timestamp?: number;
  duration?: number;
}

export function outlineOf(picture: Picture): Outline {
  const [width, height] = sizeOf(picture);
  if (!isVideoFrame(picture)) return { width, height };
  const { timestamp, duration } = picture;
  return { width, height, timestamp, ...(duration !== null && { duration }) };
}

/** Makes a black picture of this size. */
export type NewBlank = (outline: Outline) => Picture;

/** For a sink that draws: WebKitGTK at times draws the camera's picture in place of a VideoFrame's. */
export function blankImage({ width, height }: Outline): ImageBitmap {
  const canvas = new OffscreenCanvas(width, height);
  // WebKit ignores `alpha: false`, and the canvas would be clear.
  canvas.getContext('2d', { alpha: false })?.fillRect(0, 0, width, height);
  return canvas.transferToImageBitmap();
}

let black = new Uint8Array();

/** For a sink of frames. Without a time it has 0, and the timeline lets it leave later than the one before. */
export function blankFrame({ width, height, timestamp = 0, duration }: Outline): VideoFrame {
  // Firefox rejects I420 of an odd size, but displays an odd part of an even one.
  const [codedWidth, codedHeight] = [width + (width % 2), height + (height % 2)];
  const luma = codedWidth * codedHeight;
  const size = (luma * 3) / 2;
  if (black.length !== size) black = new Uint8Array(size).fill(16, 0, luma).fill(128, luma);
  return new VideoFrame(black, {
    format: 'I420',
    codedWidth,
    codedHeight,
    visibleRect: { x: 0, y: 0, width, height },
    timestamp,
    ...(duration !== undefined && { duration }),
  });
}
