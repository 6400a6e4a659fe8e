// Frames and images of every kind.
import { canvasOf, drawnPixels, type Size } from './canvas.js';

/** An image to process. The processed image is of the same kind. */
export type Picture = VideoFrame | ImageBitmap | ImageData;

/** A VideoFrame's properties, and options of its constructor, that only newer browsers have. */
export interface Orientation {
  rotation?: 0 | 90 | 180 | 270;
  flip?: boolean;
}

// By their properties: a picture may be of another window, and a browser may lack VideoFrame.
export function isVideoFrame(picture: Picture): picture is VideoFrame {
  return 'displayWidth' in picture;
}

export function isPixels(picture: Picture): picture is ImageData {
  return 'data' in picture;
}

/** The size as displayed, in pixels. */
export function sizeOf(picture: Picture): Size {
  if (isVideoFrame(picture)) return [picture.displayWidth, picture.displayHeight];
  return [picture.width, picture.height];
}

export function orientationOf(frame: VideoFrame): Required<Orientation> {
  const { rotation = 0, flip = false } = frame as Orientation;
  return { rotation, flip };
}

/** Whether the picture is displayed as stored. */
export function isUpright(picture: Picture): boolean {
  if (!isVideoFrame(picture)) return true;
  const { rotation, flip } = orientationOf(picture);
  return rotation === 0 && !flip;
}

/** The size upright, in pixels as stored. */
export function storedSizeOf(picture: Picture): Size {
  if (!isVideoFrame(picture) || !picture.visibleRect) return sizeOf(picture);
  const { width, height } = picture.visibleRect;
  return orientationOf(picture).rotation % 180 === 0 ? [width, height] : [height, width];
}

/** Whether pixels are displayed as wide as high, but for a displayed side's rounding. */
export function hasSquarePixels(picture: Picture): boolean {
  const [storedWidth, storedHeight] = storedSizeOf(picture);
  const [width, height] = sizeOf(picture);
  const difference = Math.abs(width * storedHeight - height * storedWidth);
  return difference <= Math.max(storedWidth, storedHeight);
}

/** Whether the picture may have an alpha that counts. */
export function mayHaveAlpha(picture: Picture): boolean {
  return !isVideoFrame(picture) || !picture.format || picture.format.includes('A');
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
    return new VideoFrame(canvas, { ...timingOf(source), displayWidth, displayHeight, alpha });
  }
  if (!isPixels(source)) return createImageBitmap(pixels);
  return pixels instanceof ImageData ? pixels : drawnPixels(pixels, [pixels.width, pixels.height]);
}

export function timingOf({ timestamp, duration }: VideoFrame): {
  timestamp: number;
  duration?: number;
} {
  return { timestamp, ...(duration !== null && { duration }) };
}

/** For the constructor: the displayed size before a rotation by so many degrees. */
export function displaySize(
  { displayWidth, displayHeight }: VideoFrame,
  rotation: number,
): { displayWidth: number; displayHeight: number } {
  return rotation % 180 === 0
    ? { displayWidth, displayHeight }
    : { displayWidth: displayHeight, displayHeight: displayWidth };
}

/** Frees the picture's memory outside of JavaScript's heap. */
export function close(picture: Picture): void {
  if (!isPixels(picture)) picture.close();
}

export function pixelsOf(picture: Picture): ImageData {
  return isPixels(picture) ? picture : drawnPixels(picture, sizeOf(picture));
}
