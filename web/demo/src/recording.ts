const kinds = ['video/webm', 'video/mp4'];

export const canRecord = 'MediaRecorder' in globalThis;

/** Records a track until the recording is stopped or the track ends. */
export class Recording {
  private readonly recorder: MediaRecorder;

  /** @param done called once, with the video */
  constructor(track: MediaStreamTrack, done: (video: Blob) => void) {
    const mimeType = kinds.find((kind) => MediaRecorder.isTypeSupported(kind));
    this.recorder = new MediaRecorder(new MediaStream([track]), mimeType ? { mimeType } : {});
    this.recorder.addEventListener('dataavailable', ({ data }) => done(data), { once: true });
    this.recorder.start();
  }

  stop(): void {
    if (this.recorder.state !== 'inactive') this.recorder.stop();
  }
}
