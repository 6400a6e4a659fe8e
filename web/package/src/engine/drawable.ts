// Sources as canvases and textures take them.
import {
  displaySize,
  isPixels,
  isVideoFrame,
  orientationOf,
  timingOf,
  type Picture,
} from './picture.js';

/** The source, or a copy to be closed, whose alpha is what the source says. */
export async function drawable(source: Picture): Promise<VideoFrame | ImageBitmap> {
  if (isPixels(source)) return createImageBitmap(source);
  if (isVideoFrame(source) && source.format?.endsWith('X')) {
    // It is drawn as it is where it can't be copied.
    return opaqueCopy(source).catch(() => source);
  }
  return source;
}

/** Chromium draws RGBX and BGRX as if the fourth byte were alpha. */
async function opaqueCopy(source: VideoFrame): Promise<VideoFrame> {
  const { width, height } = source.visibleRect ?? source.codedRect ?? new DOMRectReadOnly();
  const bytes = new Uint8Array(4 * width * height);
  await source.copyTo(bytes, { layout: [{ offset: 0, stride: 4 * width }] });
  makeOpaque(bytes);
  const { rotation, flip } = orientationOf(source);
  // A pure gamma, as in profiles, is told as null, and without a transfer the primaries count for nothing.
  const { transfer, ...colorSpace } = source.colorSpace.toJSON();
  return new VideoFrame(bytes, {
    format: source.format ?? 'RGBX',
    codedWidth: width,
    codedHeight: height,
    ...displaySize(source, rotation),
    colorSpace: { ...colorSpace, transfer: transfer ?? 'iec61966-2-1' },
    ...timingOf(source),
    rotation,
    flip,
  } as VideoFrameBufferInit);
}

/** Fills the fourth byte of each pixel. The bytes begin at a multiple of four. */
export function makeOpaque({ buffer, byteOffset, byteLength }: Uint8Array): void {
  const pixels = new Uint32Array(buffer, byteOffset, byteLength / 4);
  for (let i = 0; i < pixels.length; ++i) pixels[i] = (pixels[i] ?? 0) | 0xff000000;
}
