// The buttons beneath the stage: save, record, full screen, and a link to the settings.
import { byId, byIdOf } from './dom.js';
import { canRecord, Recording } from './recording.js';
import type { SettingsStore } from './settings.js';
import { sizeOf, type Stage } from './stage.js';

const revokeAfterMilliseconds = 60_000;

function download(file: Blob, name: string): void {
  const href = URL.createObjectURL(file);
  Object.assign(document.createElement('a'), { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), revokeAfterMilliseconds);
}

function retitle(button: HTMLButtonElement, title: string): void {
  const text = button.querySelector('span');
  if (text) text.textContent = title;
}

export class StageTools {
  private readonly saveButton = byIdOf(HTMLButtonElement, 'save');
  private readonly recordButton = byIdOf(HTMLButtonElement, 'record');
  private readonly screenButton = byIdOf(HTMLButtonElement, 'full-screen');
  private track: MediaStreamTrack | undefined;
  private recording: Recording | undefined;

  constructor(
    private readonly store: SettingsStore,
    private readonly stage: Stage,
    failed: (reason: unknown) => void,
  ) {
    this.saveButton.addEventListener('click', () => void this.save().catch(failed));
    this.recordButton.addEventListener('click', () => this.toggleRecording());
    this.screenButton.hidden = !document.fullscreenEnabled;
    this.screenButton.addEventListener('click', () => void this.toggleScreen().catch(failed));
    byId('link').addEventListener('click', () => void this.copyLink());
    document.addEventListener('fullscreenchange', () => {
      retitle(this.screenButton, document.fullscreenElement ? 'Leave full screen' : 'Full screen');
    });
  }

  /** @param shown whether the result shows the processed picture */
  setShown(shown: boolean): void {
    this.saveButton.disabled = !shown;
  }

  /** The track to record; another one ends the recording. */
  setTrack(track: MediaStreamTrack | undefined): void {
    if (track !== this.track) this.recording?.stop();
    this.track = track;
    this.recordButton.hidden = !track || !canRecord;
  }

  private async save(): Promise<void> {
    const { result } = this.stage;
    if (!result) return;
    const [width, height] = sizeOf(result);
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext('2d')?.drawImage(result, 0, 0);
    download(await canvas.convertToBlob(), this.nameWith('png'));
    this.say('Picture saved.');
  }

  private toggleRecording(): void {
    if (this.recording) this.recording.stop();
    else if (this.track) {
      this.recording = new Recording(this.track, (video) => this.recorded(video));
      this.showRecording();
      this.say('Recording…');
    }
  }

  private recorded(video: Blob): void {
    this.recording = undefined;
    this.showRecording();
    download(video, this.nameWith(video.type.includes('mp4') ? 'mp4' : 'webm'));
    this.say('Video saved.');
  }

  private showRecording(): void {
    retitle(this.recordButton, this.recording ? 'Stop and save' : 'Record');
    this.recordButton.classList.toggle('recording', Boolean(this.recording));
  }

  private toggleScreen(): Promise<void> {
    if (document.fullscreenElement) return document.exitFullscreen();
    return byId('stage').requestFullscreen();
  }

  private async copyLink(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.store.link());
      this.say('Link copied.');
    } catch {
      this.say('The browser does not let this page copy: take the link from its address bar.');
    }
  }

  private nameWith(ending: string): string {
    return `backdrop-${this.store.current.background}.${ending}`;
  }

  private say(text: string): void {
    byId('tools-note').textContent = text;
  }
}
