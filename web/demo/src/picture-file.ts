/** An error whose message is shown to the user. */
export class PageError extends Error {}

export function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}

// Larger photos are scaled down to this: screens show no more pixels, and memory is limited.
const longestSide = 2560;

/** Decodes a picture file, upright and at most 2560 pixels long; throws a PageError. */
export async function decodePicture(file: Blob, name: string): Promise<ImageBitmap> {
  if (file.size === 0) throw new PageError(`“${name}” is empty.`);
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(file);
  } catch {
    const isHeic = /\.hei[cf]$/i.test(name);
    throw new PageError(
      isHeic
        ? `“${name}” can’t be read: this browser does not know HEIC. Save the photo as JPEG.`
        : `“${name}” can’t be read: it is damaged, too large, or not a picture.`,
    );
  }
  const scale = longestSide / Math.max(picture.width, picture.height);
  if (scale >= 1) return picture;
  try {
    return await createImageBitmap(picture, {
      resizeWidth: Math.max(1, Math.round(picture.width * scale)),
      resizeHeight: Math.max(1, Math.round(picture.height * scale)),
      resizeQuality: 'high',
    });
  } finally {
    picture.close();
  }
}
