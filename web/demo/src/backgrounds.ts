// The choice of what stands behind the person.
import type { WorkerBackground } from '@backdrop/web';
import { byId, byIdOf, chooser, context2d } from './dom.js';
import { decodePicture } from './picture-file.js';
import { scenes, type Scene } from './scenes.js';

const width = 1280;
const height = 720;

export interface BackgroundChoice {
  /** Called when another background was chosen or the chosen one adjusted. */
  changed: () => void;
  /** Called when a file can't be used. */
  failed: (reason: unknown) => void;
}

export class Backgrounds {
  private readonly strength = byIdOf(HTMLInputElement, 'strength');
  private readonly color = byIdOf(HTMLInputElement, 'color');
  private readonly tiles = byId('backgrounds');
  private readonly chooseOwn: () => void;
  private own: ImageBitmap | undefined;

  constructor(private readonly events: BackgroundChoice) {
    for (const scene of scenes) byId('own-tile').before(tileOf(scene));
    this.chooseOwn = chooser(byIdOf(HTMLInputElement, 'own-file'), (file) => {
      this.setOwn(file).catch(events.failed);
    });
    byId('own').addEventListener('click', this.chooseOwn);
    byId('own-tile').addEventListener('click', () => {
      if (!this.own) this.chooseOwn();
    });
    for (const control of [this.tiles, this.strength, this.color]) {
      control.addEventListener('input', () => {
        this.adjusted();
      });
    }
    this.show();
  }

  /** The background chosen, made anew. */
  async current(): Promise<WorkerBackground> {
    const chosen = this.chosen();
    switch (chosen) {
      case 'none':
        return { kind: 'none' };
      case 'blur':
        return { kind: 'blur', strength: this.strength.valueAsNumber };
      case 'color':
        return { kind: 'color', rgb: parseInt(this.color.value.slice(1), 16) };
      case 'own':
        // Until a picture is there, its place is empty.
        if (!this.own) return { kind: 'color', rgb: 0x202226 };
        return { kind: 'image', image: await createImageBitmap(this.own) };
      default:
        return { kind: 'image', image: await createImageBitmap(paint(sceneOf(chosen))) };
    }
  }

  private chosen(): string {
    return this.tiles.querySelector<HTMLInputElement>(':checked')?.value ?? 'blur';
  }

  private async setOwn(file: File): Promise<void> {
    const picture = await decodePicture(file, file.name);
    this.own?.close();
    this.own = picture;
    const thumbnail = byId('own-tile').querySelector('canvas');
    if (thumbnail) drawCovering(thumbnail, picture);
    this.adjusted();
  }

  private adjusted(): void {
    this.show();
    this.events.changed();
  }

  private show(): void {
    const chosen = this.chosen();
    byId('strength-field').hidden = chosen !== 'blur';
    byId('color-field').hidden = chosen !== 'color';
    byId('own-field').hidden = chosen !== 'own';
    byId('strength-value').textContent = `${this.strength.valueAsNumber.toFixed(1)} %`;
    byId('color-swatch').style.background = this.color.value;
  }
}

function sceneOf(id: string): Scene {
  const scene = scenes.find((each) => each.id === id);
  if (!scene) throw new Error(`there is no background '${id}'`);
  return scene;
}

function paint(scene: Scene): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser has no 2D canvas');
  scene.paint(context, width, height);
  return canvas;
}

function tileOf(scene: Scene): HTMLElement {
  const tile = document.createElement('label');
  const input = document.createElement('input');
  const swatch = document.createElement('canvas');
  tile.className = 'tile';
  Object.assign(input, { type: 'radio', name: 'background', value: scene.id });
  Object.assign(swatch, { className: 'swatch', width: 192, height: 120, ariaHidden: 'true' });
  drawCovering(swatch, paint(scene));
  tile.append(input, swatch, scene.title);
  return tile;
}

function drawCovering(canvas: HTMLCanvasElement, image: ImageBitmap | OffscreenCanvas): void {
  const scale = Math.max(canvas.width / image.width, canvas.height / image.height);
  const [w, h] = [image.width * scale, image.height * scale];
  context2d(canvas).drawImage(image, (canvas.width - w) / 2, (canvas.height - h) / 2, w, h);
}
