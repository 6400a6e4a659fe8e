// The tiles of the backgrounds, and the pictures and videos of those that have one.
import { byId, byIdOf, chooser, context2d } from './dom.js';
import type { LoadedBackground } from './loaded-background.js';
import { forgetPicture, keepPicture, keptPicture } from './kept-picture.js';
import { decodePicture } from './picture-file.js';
import { scenes, type SceneId } from './scenes.js';
import { initialBackground, positions, type Settings, type SettingsStore } from './settings.js';
import { play, release } from './source/video.js';

const width = 1280;
const height = 720;

/** Shown until the user has chosen a picture or a video. */
const emptyColor = 0x202226;

export class Backgrounds {
  private readonly pictures = new Map<SceneId, ImageBitmap>();
  private own: ImageBitmap | undefined;
  private ownVideo: { video: HTMLVideoElement; first: ImageBitmap } | undefined;

  /**
   * @param changed called when the user has chosen another picture or video
   * @param failed called when a file can't be used
   */
  constructor(
    private readonly store: SettingsStore,
    private readonly changed: () => void,
    private readonly failed: (reason: unknown) => void,
  ) {
    for (const scene of scenes) byId('own-tile').before(this.tileOf(scene));
    const chooseOwn = chooser(byIdOf(HTMLInputElement, 'own-file'), (file) => {
      this.open(file);
    });
    byId('own').addEventListener('click', chooseOwn);
    byId('own-tile').addEventListener('click', () => {
      if (!this.own) chooseOwn();
    });
    byId('forget-own').addEventListener('click', () => {
      this.forgetOwn();
    });
    void this.bringBack();
    const chooseVideo = chooser(byIdOf(HTMLInputElement, 'own-video-file'), (file) => {
      this.open(file);
    });
    byId('own-video').addEventListener('click', chooseVideo);
    byId('own-video-tile').addEventListener('click', () => {
      if (!this.ownVideo) chooseVideo();
    });
  }

  /** The background that the settings choose. Its picture or video stays owned by this object. */
  current(settings: Settings): LoadedBackground {
    const { background, strength, color, fit } = settings;
    const placement = { fit, position: positions[settings.position], color };
    switch (background) {
      case 'none':
      case 'transparent':
        return { kind: background };
      case 'blur':
        return { kind: 'blur', strength };
      case 'color':
        return { kind: 'color', rgb: parseInt(color.slice(1), 16) };
      case 'own':
        if (!this.own) return { kind: 'color', rgb: emptyColor };
        return { kind: 'image', image: this.own, ...placement };
      case 'own-video': {
        if (!this.ownVideo) return { kind: 'color', rgb: emptyColor };
        const { video, first: image } = this.ownVideo;
        return {
          kind: 'video',
          video,
          ...placement,
          still: { kind: 'image', image, ...placement },
        };
      }
      default:
        return { kind: 'image', image: this.pictureOf(background), ...placement };
    }
  }

  /** Puts a picture or a video behind the person. */
  open(file: File): void {
    const isVideo = file.type.startsWith('video/');
    (isVideo ? this.setOwnVideo(file) : this.setOwn(file)).catch(this.failed);
  }

  private async setOwnVideo(file: File): Promise<void> {
    const video = await play(
      URL.createObjectURL(file),
      `“${file.name}” can’t be played: it is damaged, or of a kind that this browser does not know.`,
    );
    const before = this.ownVideo?.video;
    this.ownVideo = { video, first: await createImageBitmap(video) };
    const thumbnail = byId('own-video-tile').querySelector('canvas');
    if (thumbnail) drawCovering(thumbnail, this.ownVideo.first);
    this.store.set({ background: 'own-video' });
    this.changed();
    if (!before) return;
    URL.revokeObjectURL(before.src);
    release(before);
  }

  private async setOwn(file: File): Promise<void> {
    this.showOwn(await decodePicture(file, file.name));
    this.store.set({ background: 'own' });
    this.changed();
    await keepPicture(file);
  }

  /** Offers the picture of the visit before, unless the user has chosen another one meanwhile. */
  private async bringBack(): Promise<void> {
    const file = await keptPicture();
    const picture = file && (await decodePicture(file, file.name).catch(() => undefined));
    if (!picture) return;
    if (this.own) picture.close();
    else this.showOwn(picture);
  }

  private forgetOwn(): void {
    void forgetPicture();
    this.showOwn(undefined);
    this.store.set({ background: initialBackground });
    this.changed();
  }

  private showOwn(picture: ImageBitmap | undefined): void {
    this.own = picture;
    const thumbnail = byId('own-tile').querySelector('canvas');
    if (!thumbnail) return;
    context2d(thumbnail).clearRect(0, 0, thumbnail.width, thumbnail.height);
    if (picture) drawCovering(thumbnail, picture);
  }

  private pictureOf(id: SceneId): ImageBitmap {
    const painted = this.pictures.get(id) ?? paint(id);
    this.pictures.set(id, painted);
    return painted;
  }

  private tileOf({ id, title }: (typeof scenes)[number]): HTMLElement {
    const tile = document.createElement('label');
    const input = document.createElement('input');
    const swatch = document.createElement('canvas');
    tile.className = 'tile';
    Object.assign(input, { type: 'radio', name: 'background', value: id });
    Object.assign(swatch, { className: 'swatch', width: 192, height: 120, ariaHidden: 'true' });
    drawCovering(swatch, this.pictureOf(id));
    tile.append(input, swatch, title);
    return tile;
  }
}

function paint(id: SceneId): ImageBitmap {
  const scene = scenes.find((each) => each.id === id);
  if (!scene) throw new Error(`there is no background '${id}'`);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser has no 2D canvas');
  scene.paint(context, width, height);
  return canvas.transferToImageBitmap();
}

function drawCovering(canvas: HTMLCanvasElement, image: ImageBitmap): void {
  const scale = Math.max(canvas.width / image.width, canvas.height / image.height);
  const [w, h] = [image.width * scale, image.height * scale];
  context2d(canvas).drawImage(image, (canvas.width - w) / 2, (canvas.height - h) / 2, w, h);
}
