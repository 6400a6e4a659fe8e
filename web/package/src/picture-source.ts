// Loads a background picture.
import { contextOf } from './engine/canvas.js';
import { keptSize, largestSide } from './engine/background-picture.js';
import { BackdropError } from './error.js';
import { fetchFile, nameOf, readBlob } from './fetch-file.js';
import type { PictureSource } from './options.js';
import { isImageElement, isUrl } from './recognize.js';

/** A drawing's size in pixels: its own shape, or that of most frames. */
const drawnWidth = 1920;
const drawnHeight = 1080;

/** A picture before it is decoded. */
export interface UndecodedPicture {
  pixels: ImageBitmapSource;
  /** Where the pixels were fetched. */
  address: URL | undefined;
}

/** Rejects with a BackdropError of code `fetch`. */
export async function fetchPicture(source: PictureSource): Promise<UndecodedPicture> {
  if (typeof source !== 'string' && !isUrl(source)) return { pixels: source, address: undefined };
  const address = new URL(source, document.baseURI);
  return { pixels: await fetchFile(address, readBlob), address };
}

/**
 * Decodes the picture, or the first frame of one that has several, and shrinks one that is larger than any
 * pipeline needs. Rejects with a BackdropError of code `picture`.
 */
export async function decodePicture({ pixels, address }: UndecodedPicture): Promise<ImageBitmap> {
  try {
    return readable(await shrunk(await bitmapOf(pixels, address)));
  } catch (reason) {
    const name = address ? nameOf(address) : 'the background picture';
    throw new BackdropError('picture', `${name} can’t be used as a picture: ${String(reason)}`);
  }
}

/** Fetches and decodes the picture. Rejects with a BackdropError of code `fetch` or `picture`. */
export async function loadPicture(source: PictureSource): Promise<ImageBitmap> {
  return decodePicture(await fetchPicture(source));
}

async function bitmapOf(pixels: ImageBitmapSource, address?: URL): Promise<ImageBitmap> {
  if ('type' in pixels && pixels.type.startsWith('image/svg')) {
    if (address) return drawingAt(address.href);
    const own = URL.createObjectURL(pixels);
    return drawingAt(own).finally(() => {
      URL.revokeObjectURL(own);
    });
  }
  try {
    return await createImageBitmap(pixels);
  } catch (reason) {
    if (isImageElement(pixels)) return drawn(pixels);
    throw reason;
  }
}

/** createImageBitmap takes no SVG file. */
async function drawingAt(address: string): Promise<ImageBitmap> {
  const image = new Image();
  image.crossOrigin = 'anonymous';
  image.src = address;
  await image.decode();
  return drawn(image);
}

function drawn(image: HTMLImageElement): ImageBitmap {
  const { naturalWidth: width, naturalHeight: height } = image;
  const ownHeight =
    width > 0 && height > 0 ? Math.ceil((drawnWidth * height) / width) : drawnHeight;
  const size = keptSize([drawnWidth, ownHeight]);
  const context = contextOf(size);
  context.drawImage(image, 0, 0, ...size);
  return context.canvas.transferToImageBitmap();
}

async function shrunk(picture: ImageBitmap): Promise<ImageBitmap> {
  const { width, height } = picture;
  const isLarge = Math.max(width, height) > largestSide;
  if (!isLarge) return picture;
  const [resizeWidth, resizeHeight] = keptSize([width, height]);
  try {
    return await createImageBitmap(picture, { resizeWidth, resizeHeight, resizeQuality: 'high' });
  } finally {
    picture.close();
  }
}

/** Throws when the pixels are of another site without CORS, because the engine can't read those. */
function readable(picture: ImageBitmap): ImageBitmap {
  const context = new OffscreenCanvas(1, 1).getContext('2d');
  try {
    context?.drawImage(picture, 0, 0);
    context?.getImageData(0, 0, 1, 1);
    return picture;
  } catch (reason) {
    picture.close();
    throw reason;
  }
}
