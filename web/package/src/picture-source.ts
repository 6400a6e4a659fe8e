// Loads a background picture.
import { BackdropError } from './error.js';
import { fetchFile } from './fetch-file.js';
import type { PictureSource } from './options.js';

/** Loads and decodes the picture; rejects with a BackdropError of code `fetch` or `picture`. */
export async function loadPicture(source: PictureSource): Promise<ImageBitmap> {
  const isAddress = typeof source === 'string' || source instanceof URL;
  const address = isAddress ? new URL(source, document.baseURI) : undefined;
  const pixels = address
    ? await (await fetchFile(address)).blob()
    : (source as Exclude<PictureSource, string | URL>);
  try {
    return await readable(await createImageBitmap(pixels));
  } catch (reason) {
    const name = address?.pathname.split('/').pop() ?? 'the background picture';
    throw new BackdropError('picture', `${name} can’t be used as a picture: ${String(reason)}`);
  }
}

/** Rejects when the pixels are of another site without CORS, because the engine can't read those. */
async function readable(picture: ImageBitmap): Promise<ImageBitmap> {
  const context = new OffscreenCanvas(1, 1).getContext('2d');
  context?.drawImage(picture, 0, 0);
  context?.getImageData(0, 0, 1, 1);
  return Promise.resolve(picture);
}
