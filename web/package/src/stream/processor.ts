// The stream: frames in, processed frames out, raw frames with the background `none` only.
import { close, isVideoFrame, sizeOf, type Picture } from '../engine/picture.js';
import { totalOf, type FrameStatistics } from '../engine/protocol.js';
import { BackdropError } from '../error.js';
import type { Degraded, StreamStatistics } from '../events.js';
import { RunningMean } from '../mean.js';
import type { PipelineName, Settings } from '../settings.js';
import { blank, outlineOf, type Outline } from './blank.js';
import { EngineKeeper } from './engine-keeper.js';
import { Meter } from './meter.js';
import { Pacer } from './pacer.js';
import type { Frames, Sink, StreamEvent } from './protocol.js';

/** The share of the time between two frames that a frame's work may take. */
const share = 0.85;
const statisticsMilliseconds = 1000;

/** A source without a frame for this long has none on its way. */
const frameMilliseconds = 300;

function cancel(reader: ReadableStreamDefaultReader<Picture>): Promise<void> {
  return reader.cancel().catch(() => undefined);
}

interface Waiting {
  picture: Picture;
  /** When the frame came, by performance.now(). */
  since: number;
}

/**
 * One frame is at work and one may wait; a newer frame replaces the waiting one. The processor runs
 * in the thread that has the streams. Only the engine's Worker reads pixels.
 */
export class Processor {
  /** Whether a frame has come since frames were attached. */
  isFed = false;
  private readonly engine: EngineKeeper;
  private readonly emit: (event: StreamEvent) => void;
  private readonly writer: WritableStreamDefaultWriter<Picture>;
  private readonly meter = new Meter();
  private readonly clock: ReturnType<typeof setInterval>;
  private pacer = new Pacer();
  private reader: ReadableStreamDefaultReader<Picture> | undefined;
  private reading: Promise<void> | undefined;
  private waiting: Waiting | undefined;
  private working: Promise<void> | undefined;
  /** What the latest frame to leave was; `nothing`: not even a blank frame could be made. */
  private shown: 'processed' | 'blank' | 'raw' | 'nothing' | undefined;
  private announced: EngineKeeper['current'];
  /** The pipeline that made the latest frame. */
  private pipeline: PipelineName | undefined;
  private latest: Outline | undefined;
  /** Milliseconds that a frame takes to the engine and back, without the engine's work. */
  private readonly onTheWay = new RunningMean();
  private slow = false;
  private closed = false;

  constructor(sink: Sink, newWorker: () => Worker, emit: (event: StreamEvent) => void) {
    this.emit = (event) => {
      if (!this.closed) emit(event);
    };
    this.writer = sink.getWriter();
    this.engine = new EngineKeeper(newWorker, (reason) => {
      this.fail(reason);
    });
    this.clock = setInterval(() => {
      this.emitStatistics();
    }, statisticsMilliseconds);
  }

  /** The first call starts the stream; later ones change it. In effect when it resolves. */
  configure(settings: Partial<Settings>): Promise<void> {
    return this.engine.configure(settings);
  }

  /** The next frame of a background video, which is used up. */
  showBehind(picture: Picture): Promise<void> {
    return this.engine.showBehind(picture);
  }

  /** Takes frames from here from now on. */
  attach(frames: Frames): void {
    if (this.closed) {
      void frames.cancel();
      throw new BackdropError('closed', 'the stream was closed');
    }
    this.letGo();
    this.engine.reset();
    this.pacer = new Pacer();
    this.isFed = false;
    this.reader = frames.getReader();
    this.reading = this.readAll(this.reader);
  }

  /** Resolves when no frame is open any more. */
  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.clock);
    this.letGo();
    await Promise.all([this.working, this.reading]);
    this.engine.close();
    await this.writer.close().catch(() => undefined);
  }

  /** Cancels the source between two frames: a frame on its way would stay open. */
  private letGo(): void {
    const { reader } = this;
    this.reader = undefined;
    if (reader) setTimeout(() => void cancel(reader), frameMilliseconds);
    if (this.waiting) close(this.waiting.picture);
    this.waiting = undefined;
  }

  private async readAll(reader: ReadableStreamDefaultReader<Picture>): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (reader !== this.reader) {
          if (value) close(value);
          await cancel(reader);
          return;
        }
        if (done) break;
        this.take(value);
      }
    } catch {
      // A source that fails counts as ended.
    }
    if (reader !== this.reader) return;
    this.letGo();
    await this.end();
  }

  private take(picture: Picture): void {
    const since = performance.now();
    this.isFed = true;
    this.meter.frameCame(...sizeOf(picture), isVideoFrame(picture) ? picture.format : null);
    if (!this.pacer.wants(since, this.engine.targetFps)) {
      close(picture);
      this.meter.frameSkipped();
      return;
    }
    if (this.waiting) {
      close(this.waiting.picture);
      this.meter.frameDropped();
    }
    this.waiting = { picture, since };
    this.working ??= this.work();
  }

  private async work(): Promise<void> {
    while (this.waiting) {
      const { picture, since } = this.waiting;
      this.waiting = undefined;
      try {
        await this.send(await this.process(picture, since));
      } catch (reason) {
        if (this.shown !== 'nothing') this.fail(BackdropError.from(reason));
        this.shown = 'nothing';
      }
    }
    this.working = undefined;
  }

  /** Uses the frame up and returns the one that leaves in its place. */
  private async process(picture: Picture, since: number): Promise<Picture> {
    this.latest = outlineOf(picture);
    if (this.engine.showsRoom) {
      this.shown = 'raw';
      return picture;
    }
    const { current } = this.engine;
    if (current) {
      try {
        const start = performance.now();
        const budget = Math.max(1, (share * 1000) / this.engine.targetFps - this.onTheWay.value);
        const result = await current.process(picture, budget);
        const end = performance.now();
        this.onTheWay.add(end - start - totalOf(result.statistics));
        this.noteProcessed(result.statistics, end - since);
        return result.picture;
      } catch (reason) {
        this.engine.failed(current, BackdropError.from(reason));
      }
    }
    close(picture);
    return this.blankFrame();
  }

  private noteProcessed(statistics: FrameStatistics, latency: number): void {
    this.meter.frameProcessed(statistics, latency);
    this.engine.succeeded();
    const { current } = this.engine;
    const { pipeline } = statistics;
    const isNews =
      this.shown !== 'processed' || this.announced !== current || this.pipeline !== pipeline;
    this.announced = current;
    this.pipeline = pipeline;
    this.shown = 'processed';
    if (isNews) this.announce();
  }

  /** Emits what makes the frames. */
  private announce(): void {
    const { ready } = this.engine;
    if (!ready) return;
    if (this.pipeline === ready.pipeline) this.emit({ type: 'ready', detail: ready });
    else this.degrade('fallback', 'the GPU was lost: the CPU composites until it is back');
  }

  private blankFrame(): Picture {
    const picture = blank(this.latest ?? { width: 16, height: 16, timestamp: 0 });
    if (this.shown !== 'blank' && !this.engine.failure) {
      this.degrade('loading', 'the engine is being loaded');
    }
    this.shown = 'blank';
    return picture;
  }

  private async send(picture: Picture): Promise<void> {
    try {
      await this.writer.write(picture);
      this.meter.frameLeft(this.shown === 'blank');
    } catch {
      close(picture);
      this.letGo();
      this.degrade('ended', 'the processed track was stopped');
    }
  }

  private fail(reason: BackdropError): void {
    const { code, message } = reason;
    this.emit({ type: 'error', detail: { code, message } });
    this.degrade('failed', message);
  }

  private degrade(reason: Degraded['reason'], message: string): void {
    this.emit({ type: 'degraded', detail: { reason, message } });
  }

  /** The output shall not freeze on a picture. */
  private async end(): Promise<void> {
    await this.working;
    if (this.reader) return;
    this.degrade('ended', 'the source has ended');
    this.shown = 'blank';
    if (!this.latest) return;
    const { timestamp, ...size } = this.latest;
    const next = timestamp === undefined ? {} : { timestamp: timestamp + 33_000 };
    await this.send(blank({ ...size, ...next }));
  }

  private emitStatistics(): void {
    if (!this.reader) return;
    const statistics = this.meter.read();
    this.emit({ type: 'stats', detail: statistics });
    const wanted = Math.min(this.engine.targetFps, statistics.fpsIn);
    const message = slowness(statistics, wanted);
    if (message && !this.slow) this.degrade('slow', message);
    if (!message && this.slow) this.announce();
    this.slow = message !== undefined;
  }
}

function slowness({ interval, fpsOut }: StreamStatistics, wanted: number): string | undefined {
  if (fpsOut < 0.9 * wanted) return `${fpsOut.toFixed(0)} of ${wanted.toFixed(0)} frames a second`;
  if (interval > 1) return `the network runs on every ${interval === 2 ? 'second' : 'third'} frame`;
  return undefined;
}
