// The transport for browsers without streams of frames: a video element and a canvas.
import { close, sizeOf, type Picture } from '../engine/picture.js';
import { BackdropError } from '../error.js';
import type { Settings } from '../options.js';
import { Processor } from '../stream/processor.js';
import { newEngineWorker, newTickWorker, type Assets } from '../workers.js';
import type { Transport, TransportContext } from './transport.js';

const tickMilliseconds = 1000 / 60;

/** The frames of a track, by way of a video element. */
class VideoFrames {
  readonly stream: ReadableStream<Picture>;

  private readonly video = document.createElement('video');
  private readonly ticks: Worker;
  private controller!: ReadableStreamDefaultController<Picture>;
  private lastTime = -1;
  private reading = false;
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
    // A hidden page gets no callbacks for its video's frames: a Worker's clock goes on. And a track
    // that is stopped, rather than ends by itself, tells nobody.
    this.ticks = newTickWorker(assets);
    this.ticks.addEventListener('message', () => {
      if (track.readyState === 'ended') this.onEnded();
      else if (document.hidden) this.read(this.video.currentTime);
    });
    this.ticks.postMessage(tickMilliseconds);
    this.awaitFrame();
  }

  private awaitFrame(): void {
    if ('requestVideoFrameCallback' in this.video) {
      this.video.requestVideoFrameCallback((_, { mediaTime }) => {
        this.read(mediaTime);
        if (this.video.srcObject) this.awaitFrame();
      });
    } else {
      requestAnimationFrame(() => {
        this.read(this.video.currentTime);
        if (this.video.srcObject) this.awaitFrame();
      });
    }
  }

  private read(time: number): void {
    if (time === this.lastTime || this.reading || this.video.readyState < 2) return;
    this.lastTime = time;
    this.reading = true;
    void this.grab(time).then((picture) => {
      this.reading = false;
      if (!picture) return;
      if (this.video.srcObject) this.controller.enqueue(picture);
      else close(picture);
    });
  }

  /** The video's present frame; nothing when there is none to be had just now. */
  private async grab(time: number): Promise<Picture | undefined> {
    try {
      return 'VideoFrame' in globalThis
        ? new VideoFrame(this.video, { timestamp: Math.round(1e6 * time) })
        : await createImageBitmap(this.video);
    } catch {
      return undefined;
    }
  }

  private close(): void {
    this.ticks.terminate();
    this.track.removeEventListener('ended', this.onEnded);
    this.video.pause();
    this.video.srcObject = null;
  }
}

/** Draws what it is given; the canvas's stream shows that. */
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
        processor.attach(new VideoFrames(track, assets).stream);
      }),
    detach() {
      processor.detach();
      return Promise.resolve();
    },
    configure: (settings: Partial<Settings>) => processor.configure(settings),
    close() {
      void processor.close();
      sink.output.stop();
    },
  });
}
