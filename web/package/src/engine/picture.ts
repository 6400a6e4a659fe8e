// Frames and images of every kind, into the engine's memory and out of it.
import type { Engine } from './engine.js';
import { engineFormatOf } from './frame-layout.js';
import type { EngineFrame, FrameFormat, FrameOptions } from './kinds.js';

/** An image to process. The processed image is of the same kind. */
export type Picture = VideoFrame | ImageBitmap | ImageData;

/** A VideoFrame's properties, and options of its constructor, that only newer browsers have. */
interface Orientation {
  rotation?: 0 | 90 | 180 | 270;
  flip?: boolean;
}

/** Works without the constructor VideoFrame, too. */
export function isVideoFrame(picture: Picture): picture is VideoFrame {
  return !(picture instanceof ImageData || picture instanceof ImageBitmap);
}

/** The size as displayed, in pixels. */
export function sizeOf(picture: Picture): [width: number, height: number] {
  if (isVideoFrame(picture)) return [picture.displayWidth, picture.displayHeight];
  return [picture.width, picture.height];
}

/** Whether the picture is displayed as stored. */
export function isUpright(picture: Picture): boolean {
  if (!isVideoFrame(picture)) return true;
  const { rotation = 0, flip = false } = picture as Orientation;
  return rotation === 0 && !flip;
}

/** Copies the picture into the engine's frame: as RGBA or BGRA if the result needs an alpha. */
export async function read(
  engine: Engine,
  picture: Picture,
  needsAlpha: boolean,
): Promise<EngineFrame> {
  if (!isVideoFrame(picture)) return readPixels(engine, pixelsOf(picture));
  const own = engineFormatOf(picture.format);
  const format = needsAlpha && own !== 'BGRA' ? 'RGBA' : (own ?? 'RGBA');
  if (own === format) {
    try {
      return await copy(engine, picture, format);
    } catch {
      // A visible rectangle that begins inside a 2x2 block of chroma can't be copied.
    }
  } else if (await convertsToRgba()) {
    return copy(engine, picture, 'RGBA', { format: 'RGBA' });
  }
  return readPixels(engine, drawnPixels(picture, ...sizeOf(picture)));
}

async function copy(
  engine: Engine,
  picture: VideoFrame,
  format: FrameFormat,
  conversion: VideoFrameCopyToOptions = {},
): Promise<EngineFrame> {
  const { width, height } = picture.visibleRect ?? picture.codedRect ?? new DOMRectReadOnly();
  const { matrix, fullRange } = picture.colorSpace;
  const { rotation = 0, flip = false } = picture as Orientation;
  const options: FrameOptions = {
    colorSpace: matrix === 'bt709' ? 'bt709' : 'bt601',
    fullRange: fullRange ?? false,
    rotation,
    flip,
    alphaPlane: picture.format === 'I420A' && format === 'I420',
  };
  const frame = engine.frame(format, width, height, options);
  await picture.copyTo(frame.bytes, { layout: frame.layout, ...conversion });
  return frame;
}

/** The engine's frame as a picture of the same kind as `source`, which the frame was read from. */
export async function write(frame: EngineFrame, source: Picture): Promise<Picture> {
  if (!isVideoFrame(source)) return asPicture(imageData(frame), source);
  const { format, width, height, layout, rotation, flip } = frame;
  const unconverted = engineFormatOf(source.format) === format;
  const turned = rotation % 180 !== 0;
  const [displayWidth, displayHeight] = sizeOf(source);
  const init: VideoFrameBufferInit & Orientation = {
    format: unconverted && source.format ? source.format : format,
    layout,
    codedWidth: width,
    codedHeight: height,
    displayWidth: turned ? displayHeight : displayWidth,
    displayHeight: turned ? displayWidth : displayHeight,
    ...timing(source),
    ...(unconverted && { colorSpace: source.colorSpace.toJSON() }),
    ...(rotation !== 0 && { rotation }),
    ...(flip && { flip }),
  };
  return new VideoFrame(frame.bytes, init);
}

/** The pixels as a picture of the same kind, time and displayed size as `source`. */
export async function asPicture(
  pixels: ImageData | OffscreenCanvas,
  source: Picture,
  alpha: AlphaOption = 'keep',
): Promise<Picture> {
  if (isVideoFrame(source)) {
    const canvas = pixels instanceof ImageData ? canvasOf(pixels) : pixels;
    const { displayWidth, displayHeight } = source;
    return new VideoFrame(canvas, { ...timing(source), displayWidth, displayHeight, alpha });
  }
  if (source instanceof ImageBitmap) return createImageBitmap(pixels);
  return pixels instanceof ImageData ? pixels : drawnPixels(pixels, pixels.width, pixels.height);
}

function timing({ timestamp, duration }: VideoFrame): { timestamp: number; duration?: number } {
  return { timestamp, ...(duration !== null && { duration }) };
}

/** Frees the picture's memory outside of JavaScript's heap. */
export function close(picture: Picture): void {
  if (!(picture instanceof ImageData)) picture.close();
}

export function pixelsOf(picture: Picture): ImageData {
  if (picture instanceof ImageData) return picture;
  return drawnPixels(picture, ...sizeOf(picture));
}

function imageData({ bytes, width, height }: EngineFrame): ImageData {
  return new ImageData(new Uint8ClampedArray(bytes), width, height);
}

function readPixels(engine: Engine, { width, height, data }: ImageData): EngineFrame {
  const frame = engine.frame('RGBA', width, height);
  frame.bytes.set(data);
  return frame;
}

function canvasOf(pixels: ImageData): OffscreenCanvas {
  const canvas = new OffscreenCanvas(pixels.width, pixels.height);
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
  return canvas;
}

let canvas: OffscreenCanvasRenderingContext2D | null = null;

function drawnPixels(image: CanvasImageSource, width: number, height: number): ImageData {
  canvas ??= new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  if (!canvas) throw new Error('this browser has no OffscreenCanvas');
  Object.assign(canvas.canvas, { width, height });
  canvas.drawImage(image, 0, 0, width, height);
  return canvas.getImageData(0, 0, width, height);
}

let conversionWorks: Promise<boolean> | undefined;

/** Whether copyTo converts to RGBA. Older browsers ignore the option and copy the frame's format. */
function convertsToRgba(): Promise<boolean> {
  conversionWorks ??= (async () => {
    const pixel = Uint8Array.of(1, 2, 3, 255);
    const frame = new VideoFrame(pixel, {
      format: 'BGRA',
      codedWidth: 1,
      codedHeight: 1,
      timestamp: 0,
    });
    try {
      await frame.copyTo(pixel, { format: 'RGBA' });
      return pixel[0] === 3;
    } catch {
      return false;
    } finally {
      frame.close();
    }
  })();
  return conversionWorks;
}
