// The transport for browsers without streams of frames: a video element and a canvas.
import { close, sizeOf, type Picture } from '../engine/picture.js';
import { BackdropError } from '../error.js';
import type { Settings } from '../settings.js';
import { blankImage } from '../stream/blank.js';
import { Processor } from '../stream/processor.js';
import { VideoFrames } from '../video-frames.js';
import type { Assets } from '../create-worker.js';
import { newEngineWorker } from '../engine/new-engine-worker.js';
import { sizeOfTrack, statesOf, TrackWatch } from './track-watch.js';
import type { Transport, TransportContext } from './transport.js';

/** A track's frames, read from a video element. */
class TrackFrames {
  readonly stream: ReadableStream<Picture>;

  private readonly video = document.createElement('video');
  private readonly frames: VideoFrames;
  private controller!: ReadableStreamDefaultController<Picture>;

  constructor(track: MediaStreamTrack, assets: Assets) {
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
    this.frames = new VideoFrames(this.video, assets, {
      take: (picture) => {
        if (this.video.srcObject) this.controller.enqueue(picture);
        else close(picture);
      },
    });
  }

  private close(): void {
    this.frames.close();
    this.video.pause();
    this.video.srcObject = null;
  }
}

/** Draws each picture on a canvas, whose captured stream is the output. */
class CanvasSink {
  readonly output: MediaStreamTrack;
  readonly stream: WritableStream<Picture>;

  private readonly canvas = document.createElement('canvas');
  private readonly context: CanvasRenderingContext2D;

  /** @param size of black until the first picture; in Chromium also the largest size that constraints allow */
  constructor(size: { width: number; height: number }) {
    Object.assign(this.canvas, size);
    const context = this.canvas.getContext('2d', { alpha: true });
    context?.fillRect(0, 0, size.width, size.height);
    const [output] = this.canvas.captureStream().getVideoTracks();
    if (!context || !output) {
      throw new BackdropError('unsupported', 'this browser’s canvas gives no stream');
    }
    this.context = context;
    this.output = output;
    this.stream = new WritableStream<Picture>({
      write: (picture, controller) => {
        if (output.readyState === 'ended') {
          close(picture);
          controller.error('the track was stopped');
          return;
        }
        this.draw(picture);
        close(picture);
      },
    });
  }

  private draw(picture: Picture): void {
    const [width, height] = sizeOf(picture);
    const { canvas, context } = this;
    if (canvas.width !== width || canvas.height !== height) {
      Object.assign(canvas, { width, height });
    }
    context.globalCompositeOperation = 'copy';
    if (!(picture instanceof ImageData)) context.drawImage(picture, 0, 0, width, height);
  }
}

class CanvasTransport implements Transport {
  readonly output: MediaStreamTrack;

  private readonly processor: Processor;
  private readonly assets: Assets;
  private watch: TrackWatch | undefined;

  constructor({ assets, size, emit }: TransportContext) {
    const sink = new CanvasSink(size);
    this.assets = assets;
    this.output = sink.output;
    this.processor = new Processor(sink.stream, blankImage, () => newEngineWorker(assets), emit);
  }

  async attach(track: MediaStreamTrack): Promise<void> {
    this.watch?.close();
    const states = statesOf(track, this.output);
    const { stream } = new TrackFrames(track, this.assets);
    const attached = this.processor.attach(stream, sizeOfTrack(track), states);
    this.watch = new TrackWatch(track, this.output, states, {
      changed: (states) => {
        this.processor.setStates(states);
      },
      ended: () => {
        void this.processor.detach();
      },
      constrained: () => undefined,
    });
    await attached;
  }

  detach(): Promise<void> {
    this.watch?.close();
    return this.processor.detach();
  }

  /** The processor owns what it is given, as it does in a Worker. */
  async configure(settings: Partial<Settings>): Promise<void> {
    await this.processor.configure(structuredClone(settings));
  }

  showBehind(picture: Picture): Promise<void> {
    return this.processor.showBehind(picture);
  }

  close(): void {
    this.watch?.close();
    this.processor.close().catch(() => undefined);
    this.output.stop();
  }
}

export function openCanvas(context: TransportContext): Promise<Transport> {
  return Promise.resolve().then(() => new CanvasTransport(context));
}
