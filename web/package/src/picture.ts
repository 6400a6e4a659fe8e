import type { Engine, EngineFrame, FrameFormat } from './engine.js';

/** A picture to process. What comes out is of the same kind. */
export type Picture = VideoFrame | ImageBitmap | ImageData;

/** Says so too where the browser has no VideoFrame to be an instance of. */
function isVideoFrame(picture: Picture): picture is VideoFrame {
  return !(picture instanceof ImageData || picture instanceof ImageBitmap);
}

/** Copies the picture into the engine's frame. The picture is left as it is. */
export async function read(engine: Engine, picture: Picture): Promise<EngineFrame> {
  if (!isVideoFrame(picture)) return readPixels(engine, pixelsOf(picture));
  const { width, height } = picture.visibleRect ?? picture.codedRect ?? new DOMRectReadOnly();
  const format: FrameFormat = picture.format === 'I420' ? 'I420' : 'RGBA';
  if (format === 'RGBA' && !(await convertsToRgba())) {
    return readPixels(engine, drawnPixels(picture, width, height));
  }
  const frame = engine.frame(format, width, height);
  // A format is only for conversions: naming the frame's own I420 is refused.
  const conversion = format === 'RGBA' ? { format } : {};
  await picture.copyTo(frame.bytes, { layout: frame.layout, ...conversion });
  return frame;
}

/** The engine's frame as a picture of the kind that `source`, which it was read from, is. */
export async function write(frame: EngineFrame, source: Picture): Promise<Picture> {
  if (!isVideoFrame(source)) {
    const pixels = new ImageData(new Uint8ClampedArray(frame.bytes), frame.width, frame.height);
    return source instanceof ImageData ? pixels : createImageBitmap(pixels);
  }
  const { format, width, height, layout } = frame;
  return new VideoFrame(frame.bytes, {
    format,
    layout,
    codedWidth: width,
    codedHeight: height,
    displayWidth: source.displayWidth,
    displayHeight: source.displayHeight,
    timestamp: source.timestamp,
    ...(source.duration !== null && { duration: source.duration }),
    ...(format === 'I420' && { colorSpace: source.colorSpace.toJSON() }),
  });
}

/** Ends the picture's hold on memory outside of JavaScript's. */
export function close(picture: Picture): void {
  if (!(picture instanceof ImageData)) picture.close();
}

/** The picture's pixels. */
export function pixelsOf(picture: ImageBitmap | ImageData): ImageData {
  if (picture instanceof ImageData) return picture;
  return drawnPixels(picture, picture.width, picture.height);
}

function readPixels(engine: Engine, { width, height, data }: ImageData): EngineFrame {
  const frame = engine.frame('RGBA', width, height);
  frame.bytes.set(data);
  return frame;
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

/** Whether copyTo converts to RGBA. Older browsers ignore the wish and copy the frame's own format. */
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
