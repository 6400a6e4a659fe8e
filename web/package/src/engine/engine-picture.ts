// Pictures into the engine's memory, and out of it.
import { drawnPixels } from './canvas.js';
import { isMixedAsStored, toldColorSpace } from './color-space.js';
import { makeOpaque } from './drawable.js';
import type { Engine } from './engine.js';
import { engineFormatOf, isRgb } from './frame-layout.js';
import { convertsToRgba, showsStraightAlpha } from './probes.js';
import type { EngineFrame, FrameFormat } from './kinds.js';
import {
  asPicture,
  displaySize,
  hasSquarePixels,
  isVideoFrame,
  orientationOf,
  pixelsOf,
  sizeOf,
  timingOf,
  type Orientation,
  type Picture,
} from './picture.js';

/** A picture in the engine's memory. */
export interface ReadPicture {
  frame: EngineFrame;
  /** Whether these are the source's own samples, not converted ones. */
  asStored: boolean;
}

/**
 * Copies the picture into the engine's frame: as RGBA or BGRA if the result needs an alpha. A frame that
 * the engine can't mix as it is stored becomes RGBA of sRGB, with square pixels.
 */
export async function read(
  engine: Engine,
  picture: Picture,
  needsAlpha: boolean,
): Promise<ReadPicture> {
  if (!isVideoFrame(picture)) return readPixels(engine, pixelsOf(picture));
  const copied = hasSquarePixels(picture)
    ? await tryToCopy(engine, picture, needsAlpha)
    : undefined;
  return copied ?? readPixels(engine, drawnPixels(picture, sizeOf(picture)));
}

/**
 * Undefined if the frame can only be drawn: if the browser can't tell its format, or if its visible
 * rectangle begins inside a 2x2 block of chroma.
 */
async function tryToCopy(
  engine: Engine,
  frame: VideoFrame,
  needsAlpha: boolean,
): Promise<ReadPicture | undefined> {
  const own = isMixedAsStored(frame) ? engineFormatOf(frame.format) : undefined;
  try {
    if (own && (isRgb(own) || !needsAlpha)) {
      return { frame: await copy(engine, frame, own), asStored: true };
    }
    if (await convertsToRgba(frame.format)) {
      return { frame: await copy(engine, frame, 'RGBA', { format: 'RGBA' }), asStored: false };
    }
  } catch {
    // It is drawn.
  }
  return undefined;
}

async function copy(
  engine: Engine,
  source: VideoFrame,
  format: FrameFormat,
  conversion: VideoFrameCopyToOptions = {},
): Promise<EngineFrame> {
  const { width, height } = source.visibleRect ?? source.codedRect ?? new DOMRectReadOnly();
  const { matrix, fullRange } = source.colorSpace;
  const frame = engine.frame(format, width, height, {
    colorSpace: matrix === 'bt709' ? 'bt709' : 'bt601',
    fullRange: fullRange ?? false,
    ...orientationOf(source),
  });
  await source.copyTo(frame.bytes, { layout: frame.layout, ...conversion });
  if (source.format?.endsWith('X')) makeOpaque(frame.bytes);
  return frame;
}

function readPixels(engine: Engine, { width, height, data }: ImageData): ReadPicture {
  const frame = engine.frame('RGBA', width, height);
  frame.bytes.set(data);
  return { frame, asStored: false };
}

/**
 * The engine's frame as a picture of the same kind as `source`, which it was read from.
 * @param hasAlpha whether the result has an alpha that counts
 */
export async function write(
  { frame, asStored }: ReadPicture,
  source: Picture,
  hasAlpha: boolean,
): Promise<Picture> {
  const { bytes, format, width, height, layout, rotation, flip } = frame;
  if (!isVideoFrame(source)) {
    return asPicture(new ImageData(new Uint8ClampedArray(bytes), width, height), source);
  }
  const init: VideoFrameBufferInit & Orientation = {
    format: asStored && source.format && !hasAlpha ? source.format : format,
    layout,
    codedWidth: width,
    codedHeight: height,
    ...displaySize(source, rotation),
    ...timingOf(source),
    ...(asStored && {
      colorSpace: isRgb(format) ? source.colorSpace.toJSON() : toldColorSpace(source.colorSpace),
    }),
    ...(rotation !== 0 && { rotation }),
    ...(flip && { flip }),
  };
  if (hasAlpha && !showsStraightAlpha()) premultiply(bytes);
  return new VideoFrame(bytes, init);
}

function premultiply(bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i += 4) {
    const alpha = bytes[i + 3] ?? 0;
    if (alpha === 255) continue;
    for (let c = i; c < i + 3; ++c) bytes[c] = Math.round(((bytes[c] ?? 0) * alpha) / 255);
  }
}
