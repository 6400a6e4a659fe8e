// The buttons and files that choose a source.
import { byId, byIdOf, chooser } from './dom.js';
import { PageError } from './picture-file.js';
import type { SettingsStore, SourceName } from './settings.js';
import { listCameras, openCamera } from './source/camera.js';
import { openClip } from './source/clip.js';
import { openPhoto } from './source/photo.js';
import type { LiveSource, StillSource } from './source/source.js';
import type { Studio } from './studio.js';

const portrait = 'media/grace_hopper.jpg';
const hasPortrait = __SERVED__.includes(portrait);

export async function openPortrait(): Promise<StillSource> {
  const response = await fetch(portrait);
  if (!response.ok) throw new PageError('The portrait is not there.');
  return openPhoto(await response.blob(), 'Grace Hopper, US Navy');
}

export class Sources {
  /** The camera was disconnected; it is opened again when a camera is connected. */
  private cameraIsMissed = false;

  constructor(
    private readonly store: SettingsStore,
    private readonly studio: Studio,
  ) {
    byId('portrait').hidden = !hasPortrait;
    this.setUpButtons();
    if ('mediaDevices' in navigator) {
      navigator.mediaDevices.addEventListener('devicechange', () => void this.devicesChanged());
    }
    store.on((changed) => {
      const { source } = store.current;
      const opens = changed.has('source') && source !== 'file';
      const reopens = changed.has('camera') || changed.has('resolution');
      if (opens || (reopens && source === 'camera')) this.open();
    });
    void this.showCameras();
    this.open();
  }

  /** Opens the source that is set. */
  private open(): void {
    this.showChosen(this.store.current.source);
    switch (this.store.current.source) {
      case 'camera':
        void this.studio.open(() => this.camera());
        break;
      case 'portrait':
        if (hasPortrait) void this.studio.open(openPortrait);
        else this.studio.stop('Choose a source');
        break;
      default:
        this.studio.stop('Choose a source');
    }
  }

  private choose(source: SourceName): void {
    // A second press opens the source again, because it may have failed before.
    if (this.store.current.source === source) this.open();
    else this.store.set({ source });
  }

  /** Opens a photo or a clip. */
  openFile(file: File): void {
    const isClip = file.type.startsWith('video/');
    this.store.set({ source: 'file' });
    this.showChosen(isClip ? 'clip' : 'photo');
    void this.studio.open(() => (isClip ? openClip(file) : openPhoto(file, file.name)));
  }

  private async camera(): Promise<LiveSource> {
    this.cameraIsMissed = false;
    const { camera: device, resolution } = this.store.current;
    const opened = await openCamera({ device, resolution }, () => this.cameraLost());
    // Browsers tell the cameras' names only after the user has allowed one.
    await this.showCameras();
    return opened;
  }

  private cameraLost(): void {
    this.cameraIsMissed = true;
    this.studio.lose(
      new PageError('The camera was disconnected. It comes back as soon as it is connected again.'),
    );
  }

  private async devicesChanged(): Promise<void> {
    const cameras = await this.showCameras();
    if (this.cameraIsMissed && cameras > 0 && this.store.current.source === 'camera') this.open();
  }

  /** @returns the number of cameras */
  private async showCameras(): Promise<number> {
    const cameras = await listCameras();
    const select = byIdOf(HTMLSelectElement, 'camera-device');
    const titles = cameras.map(({ label }, i) => label || `Camera ${i + 1}`);
    select.replaceChildren(new Option('Default', ''));
    cameras.forEach(({ deviceId }, i) => {
      if (deviceId) select.add(new Option(titles[i], deviceId));
    });
    select.value = this.store.current.camera;
    if (select.selectedIndex < 0) select.value = '';
    return cameras.length;
  }

  private showChosen(chosen: SourceName | 'photo' | 'clip'): void {
    for (const button of document.querySelectorAll('.sources button')) {
      button.setAttribute('aria-pressed', String(button.id === chosen));
    }
    byId('camera-field').hidden = chosen !== 'camera';
  }

  private setUpButtons(): void {
    byId('camera').addEventListener('click', () => this.choose('camera'));
    byId('portrait').addEventListener('click', () => this.choose('portrait'));
    byId('stop').addEventListener('click', () => this.choose('none'));
    for (const kind of ['photo', 'clip']) {
      const input = byIdOf(HTMLInputElement, `${kind}-file`);
      byId(kind).addEventListener(
        'click',
        chooser(input, (file) => this.openFile(file)),
      );
    }
  }
}
