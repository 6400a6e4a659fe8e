// Paths of the repository's folders.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { goldenFiles, photos } from './golden.mjs';

const root = new URL('../../../', import.meta.url);
const folder = (path) => fileURLToPath(new URL(path, root));

export const folders = {
  root: folder('.'),
  package: folder('web/package'),
  demo: folder('web/demo/dist'),
  support: folder('test/web/support'),
  media: folder('build/media'),
  screenshots: folder('build/screenshots'),
  golden: folder('../shared/golden'),
  videos: folder('../shared/media/videos'),
};

/** The photos for which the model has a reference output. */
export function goldenPhotos(model) {
  return photos.filter((photo) =>
    existsSync(join(folders.golden, goldenFiles(model, photo).output)),
  );
}
