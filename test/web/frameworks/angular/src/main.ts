import { Component, signal } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { SelfView } from './self-view';
import { SelfView as SingleFileView } from './single-file-view';

@Component({
  selector: 'app-root',
  imports: [SelfView, SingleFileView],
  template: `
    @if (camera(); as track) {
      <self-view [camera]="track" />
      <single-file-view [camera]="track" />
    }
  `,
})
class App {
  readonly camera = signal<MediaStreamTrack | undefined>(undefined);

  constructor() {
    void navigator.mediaDevices
      .getUserMedia({ video: true })
      .then((stream) => this.camera.set(stream.getVideoTracks()[0]));
  }
}

void bootstrapApplication(App);
