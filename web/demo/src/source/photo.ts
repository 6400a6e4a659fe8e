import { context2d } from '../dom.js';
import { decodePicture } from '../picture-file.js';
import type { StillSource } from './source.js';

export async function openPhoto(file: Blob, name: string): Promise<StillSource> {
  const picture = await decodePicture(file, name);
  const { width, height } = picture;
  const view = Object.assign(document.createElement('canvas'), { width, height });
  context2d(view).drawImage(picture, 0, 0);
  return {
    kind: 'still',
    name,
    view,
    picture,
    facesUser: false,
    stop: () => {
      picture.close();
    },
  };
}
