// The transport for browsers without streams of frames: a video element and a canvas.
import { close, sizeOf, type Picture } from '../engine/picture.js';
import { BackdropError } from '../error.js';
import type { Settings } from '../settings.js';
import { Processor } from '../stream/processor.js';
import { VideoFrames } from '../video-frames.js';
import { newEngineWorker, type Assets } from '../workers.js';
import type { Transport, TransportContext } from './transport.js';

/** A track's frames, read from a video element. */
class TrackFrames {
  readonly stream: ReadableStream<Picture>;

  private readonly video = document.createElement('video');
  private readonly frames: VideoFrames;
  private controller!: ReadableStreamDefaultController<Picture>;
  private readonly onEnded = (): void => {
    if (!this.video.srcObject) return;
    this.close();
    this.controller.close();
  };

  constructor(
    private readonly track: MediaStreamTrack,
    assets: Assets,
  ) {
    this.stream = new ReadableStream<Picture>({
      start: (controller) => {
        this.controller = controller;
      },
      cancel: () => {
        this.close();
      },
    });
    Object.assign(this.video, { muted: true, playsInline: true });
    this.video.srcObject = new MediaStream([track]);
    void this.video.play().catch(() => undefined);
    track.addEventListener('ended', this.onEnded);
    this.frames = new VideoFrames(this.video, assets, {
      take: (picture) => {
        if (this.video.srcObject) this.controller.enqueue(picture);
        else close(picture);
      },
      // A track that a script stops emits no `ended` event.
      tick: () => {
        if (track.readyState === 'ended') this.onEnded();
      },
    });
  }

  private close(): void {
    this.frames.close();
    this.track.removeEventListener('ended', this.onEnded);
    this.video.pause();
    this.video.srcObject = null;
  }
}

/** Draws each picture on a canvas, whose captured stream is the output. */
class CanvasSink {
  readonly output: MediaStreamTrack;
  readonly stream: WritableStream<Picture>;

  constructor() {
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d', { alpha: true });
    const [output] = canvas.captureStream().getVideoTracks();
    if (!context || !output) {
      throw new BackdropError('unsupported', 'this browser’s canvas gives no stream');
    }
    this.output = output;
    this.stream = new WritableStream<Picture>({
      write(picture, controller) {
        if (output.readyState === 'ended') {
          close(picture);
          controller.error('the track was stopped');
          return;
        }
        const [width, height] = sizeOf(picture);
        if (canvas.width !== width || canvas.height !== height) {
          Object.assign(canvas, { width, height });
        }
        context.globalCompositeOperation = 'copy';
        if (!(picture instanceof ImageData)) context.drawImage(picture, 0, 0, width, height);
        close(picture);
      },
    });
  }
}

export function openCanvas({ assets, emit }: TransportContext): Promise<Transport> {
  const sink = new CanvasSink();
  const processor = new Processor(sink.stream, () => newEngineWorker(assets), emit);
  return Promise.resolve({
    output: sink.output,
    attach: (track: MediaStreamTrack) =>
      Promise.resolve().then(() => {
        processor.attach(new TrackFrames(track, assets).stream);
      }),
    configure: (settings: Partial<Settings>) => processor.configure(settings),
    showBehind: (picture: Picture) => processor.showBehind(picture),
    close() {
      void processor.close();
      sink.output.stop();
    },
  });
}
