// The stream: frames in, processed frames out, raw frames with the background `none` only.
import type { EngineClient } from '../engine/client.js';
import { close, isVideoFrame, sizeOf, type Picture } from '../engine/picture.js';
import { totalOf, type FrameStatistics } from '../engine/protocol.js';
import { BackdropError } from '../error.js';
import type { Degraded } from '../events.js';
import { RecentMedian } from '../mean.js';
import type { PipelineName, Settings } from '../settings.js';
import { outlineOf, type NewBlank, type Outline } from './blank.js';
import { EngineKeeper } from './engine-keeper.js';
import { HeldFrame } from './held-frame.js';
import { Meter } from './meter.js';
import { Pacer } from './pacer.js';
import type { Frames, Sink, StreamEvent, TrackStates } from './protocol.js';
import { Slowness } from './slowness.js';
import { Timeline } from './timeline.js';

/** The share of the time between two frames that a frame's work may take. */
const share = 0.85;
const statisticsMilliseconds = 1000;

/** A source without a frame for this long has none on its way. */
const frameMilliseconds = 300;
/** A source without a frame for this long is silent, which an event says. */
const silentMilliseconds = 2000;
/** What leaves when a source has not given its first frame by then. */
const firstMilliseconds = 500;
/** A raw frame that left before another background was asked for stands for this long at most. */
const rawMilliseconds = 100;

type Reader = ReadableStreamDefaultReader<Picture>;

function cancel(reader: Reader): Promise<void> {
  return reader.cancel().catch(() => undefined);
}

/** Between two frames: a frame on its way would stay open. */
function cancelLater(reader: Reader): void {
  setTimeout(() => void cancel(reader), frameMilliseconds);
}

interface Waiting {
  picture: Picture;
  /** When the frame came, by performance.now(). */
  since: number;
}

/** Until a source says otherwise. */
export const allEnabled: TrackStates = { sourceEnabled: true, outputEnabled: true };

/** What a picture that leaves is; `nothing`: not even a blank one could be made. */
type Kind = 'processed' | 'blank' | 'raw' | 'nothing';

/**
 * One frame is at work and one may wait; a newer frame replaces the waiting one. The processor runs
 * in the thread that has the streams. Only the engine's Worker reads pixels.
 */
export class Processor {
  private readonly engine: EngineKeeper;
  private readonly emit: (event: StreamEvent) => void;
  private readonly writer: WritableStreamDefaultWriter<Picture>;
  private readonly meter = new Meter();
  private readonly timeline = new Timeline();
  private readonly held = new HeldFrame();
  private readonly clock: ReturnType<typeof setInterval>;
  private pacer = new Pacer();
  private reader: Reader | undefined;
  private reading: Promise<void> | undefined;
  private waiting: Waiting | undefined;
  private working: Promise<void> | undefined;
  private states = allEnabled;
  /** What the latest picture to leave was. */
  private shown: Kind | undefined;
  private announced: EngineClient | undefined;
  /** The pipeline that made the latest frame. */
  private pipeline: PipelineName | undefined;
  private latest: Outline | undefined;
  /** When the latest frame came, or the source was attached. */
  private lastFrame = 0;
  /** Whether a frame has come since the source was attached. */
  private isFed = false;
  private isSilent = false;
  private refreshing: ReturnType<typeof setTimeout> | undefined;
  private firstLeft: (() => void) | undefined;
  /** Milliseconds that a frame takes to the engine and back, without the engine's work. */
  private readonly onTheWay = new RecentMedian();
  private readonly slowness = new Slowness();
  private closed = false;

  constructor(
    sink: Sink,
    private readonly newBlank: NewBlank,
    newWorker: () => Worker,
    emit: (event: StreamEvent) => void,
  ) {
    this.emit = (event) => {
      if (!this.closed) emit(event);
    };
    this.writer = sink.getWriter();
    this.engine = new EngineKeeper(newWorker, {
      changed: () => {
        this.refreshSoon();
      },
      failed: (reason) => {
        this.fail(reason);
      },
    });
    this.clock = setInterval(() => {
      this.emitStatistics();
    }, statisticsMilliseconds);
  }

  /** The first call starts the stream; later ones change it. In effect when it resolves. */
  configure(settings: Partial<Settings>): Promise<void> {
    const configured = this.engine.configure(settings);
    if (this.hasRawOut()) {
      setTimeout(
        () => {
          if (this.hasRawOut()) void this.showBlank();
        },
        this.isStill() ? 0 : rawMilliseconds,
      );
    }
    return configured;
  }

  /** The next frame of a background video, which is used up. */
  async showBehind(picture: Picture): Promise<void> {
    await this.engine.showBehind(picture);
    if (this.isStill()) this.refresh();
  }

  /**
   * Takes frames from here from now on. Resolves when the first picture has left, or after half a second.
   * @param size the source's: of the blank picture where no frame comes by then
   */
  async attach(frames: Frames, size: Outline, states: TrackStates): Promise<void> {
    if (this.closed) {
      void frames.cancel();
      throw new BackdropError('closed', 'the stream was closed');
    }
    this.letGo();
    this.engine.reset();
    this.timeline.attach();
    this.pacer = new Pacer();
    this.meter.attach();
    this.isFed = this.isSilent = false;
    this.lastFrame = performance.now();
    this.latest ??= size;
    this.setStates(states);
    const reader = this.read(frames);
    const first = new Promise<void>((resolve) => (this.firstLeft = resolve));
    setTimeout(() => {
      if (reader !== this.reader) return;
      this.firstLeft?.();
      if (!this.isFed) void this.showBlank();
    }, firstMilliseconds);
    await first;
  }

  /** Takes the same source's frames from here: the stream before gives none. What is shown stands. */
  feed(frames: Frames): void {
    const { reader } = this;
    if (!reader) {
      void frames.cancel();
      return;
    }
    this.held.stopSharing();
    this.read(frames);
    cancelLater(reader);
  }

  /** Milliseconds since the latest frame came, or the source was attached. */
  get silence(): number {
    return performance.now() - this.lastFrame;
  }

  /** Whether the source, and the output, are enabled. */
  setStates(states: TrackStates): void {
    const before = this.states;
    this.states = states;
    if (before.sourceEnabled && !states.sourceEnabled) {
      this.held.close();
      this.announced = undefined;
      this.degrade('silent', 'the source is disabled');
      if (this.reader) void this.showBlank();
    }
    if (!before.outputEnabled && states.outputEnabled) this.refresh();
  }

  /** The source has ended though its frames have not: a stopped track's copy goes on. */
  async detach(): Promise<void> {
    if (!this.reader) return;
    this.letGo();
    await this.end();
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

  private letGo(): void {
    const { reader } = this;
    this.reader = undefined;
    if (reader) cancelLater(reader);
    if (this.waiting) close(this.waiting.picture);
    this.waiting = undefined;
    this.held.close();
    clearTimeout(this.refreshing);
    this.firstLeft?.();
  }

  private read(frames: Frames): Reader {
    const reader = frames.getReader();
    this.reader = reader;
    this.reading = this.readAll(reader);
    return reader;
  }

  private async readAll(reader: Reader): Promise<void> {
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
    this.lastFrame = since;
    if (this.isSilent) this.announced = undefined;
    this.isSilent = false;
    this.meter.frameCame(...sizeOf(picture), isVideoFrame(picture) ? picture.format : null);
    if (isPlaceholder(picture, this.latest)) {
      close(picture);
      this.held.close();
      if (this.shown !== 'blank') void this.showBlank();
      return;
    }
    if (this.states.sourceEnabled) this.held.hold(picture);
    if (this.states.outputEnabled && this.pacer.wants(since, this.engine.targetFps)) {
      this.queue(this.timeline.place(picture), since);
      return;
    }
    close(picture);
    this.meter.frameSkipped();
    // It may be the last one.
    this.refreshSoon();
  }

  private queue(picture: Picture, since: number): void {
    if (this.waiting) {
      close(this.waiting.picture);
      this.meter.frameDropped();
    }
    this.waiting = { picture, since };
    this.working ??= this.work();
  }

  /** Whether the source gives no frame at present. */
  private isStill(): boolean {
    return this.silence > frameMilliseconds;
  }

  /** Whether pictures of this source may leave: it has not made way for another, and is enabled. */
  private shows(reader: Processor['reader']): boolean {
    return reader === this.reader && this.states.sourceEnabled;
  }

  private hasRawOut(): boolean {
    return this.shown === 'raw' && !this.engine.showsRoom;
  }

  /** Processes the latest frame again, unless the source gives another one meanwhile. */
  private refreshSoon(): void {
    clearTimeout(this.refreshing);
    const { lastFrame } = this;
    this.refreshing = setTimeout(
      () => {
        if (lastFrame === this.lastFrame) this.refresh();
      },
      this.isStill() ? 0 : frameMilliseconds,
    );
  }

  private refresh(): void {
    if (this.waiting || !this.reader || !this.states.outputEnabled) return;
    const picture = this.held.again(this.timeline.now());
    if (picture) this.queue(picture, performance.now());
  }

  private async work(): Promise<void> {
    while (this.waiting) {
      const { picture, since } = this.waiting;
      this.waiting = undefined;
      this.latest = outlineOf(picture);
      try {
        await this.process(picture, since);
      } catch (reason) {
        if (this.shown !== 'nothing') this.fail(BackdropError.from(reason));
        this.shown = 'nothing';
      }
    }
    this.working = undefined;
  }

  /** Uses the frame up, and sends the one that leaves in its place. */
  private async process(picture: Picture, since: number): Promise<void> {
    if (this.engine.showsRoom && this.states.sourceEnabled) return this.send(picture, 'raw');
    const { reader } = this;
    const { current } = this.engine;
    if (!current || !this.states.sourceEnabled) {
      close(picture);
      return this.showBlank(this.latest);
    }
    try {
      const start = performance.now();
      const result = await current.process(picture, this.budget());
      const end = performance.now();
      this.onTheWay.add(end - start - totalOf(result.statistics));
      this.meter.frameProcessed(result.statistics, end - since);
      this.engine.succeeded();
      if (!this.shows(reader)) {
        close(result.picture);
        return;
      }
      this.noteProcessed(result.statistics);
      await this.send(result.picture, 'processed');
    } catch (reason) {
      this.engine.failed(current, BackdropError.from(reason));
      await this.showBlank(this.latest);
    }
  }

  /** Milliseconds for a frame. */
  private budget(): number {
    const interval = Math.max(1000 / this.engine.targetFps, this.meter.interval);
    return Math.max(1, share * interval - this.onTheWay.value);
  }

  private noteProcessed({ pipeline }: FrameStatistics): void {
    const { current } = this.engine;
    const isNews =
      this.shown !== 'processed' || this.announced !== current || this.pipeline !== pipeline;
    this.announced = current;
    this.pipeline = pipeline;
    if (isNews) this.announce();
  }

  /** Emits what makes the frames. */
  private announce(): void {
    const { ready } = this.engine;
    if (!ready || !this.pipeline) return;
    if (this.pipeline === ready.pipeline) this.emit({ type: 'ready', detail: ready });
    else this.degrade('fallback', 'the GPU was lost: the CPU composites until it is back');
  }

  /** @param outline the frame's in whose place the blank picture leaves; by default it leaves by itself */
  private async showBlank(outline = this.outlineNow()): Promise<void> {
    if (this.shown !== 'blank' && !this.engine.current && !this.engine.failure) {
      this.degrade('loading', 'the engine is being loaded');
    }
    await this.send(this.newBlank(outline), 'blank');
  }

  private outlineNow(): Outline {
    const { width, height } = this.latest ?? { width: 16, height: 16 };
    return { width, height, timestamp: this.timeline.now() };
  }

  /** Uses the picture up. */
  private async send(picture: Picture, kind: Kind): Promise<void> {
    this.shown = kind;
    const leaving = this.timeline.leave(picture);
    try {
      await this.writer.write(leaving);
      this.meter.frameLeft(kind === 'blank');
    } catch {
      close(leaving);
      this.letGo();
      this.degrade('ended', 'the processed track was stopped');
    }
    this.firstLeft?.();
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
    if (this.reader || this.closed) return;
    this.degrade('ended', 'the source has ended');
    await this.showBlank();
  }

  private emitStatistics(): void {
    if (!this.reader) return;
    if (!this.isSilent && this.silence > silentMilliseconds) {
      this.isSilent = true;
      this.degrade('silent', 'the source has given no frame for two seconds');
    }
    const statistics = this.meter.read();
    this.emit({ type: 'stats', detail: statistics });
    const news = this.slowness.look(statistics, this.engine.targetFps);
    if (news) this.degrade('slow', news);
    else if (news === '') this.announce();
  }
}

/** Whether this is the pixel that Firefox gives in place of a disabled camera's frames. */
function isPlaceholder(picture: Picture, before: Outline | undefined): boolean {
  const [width, height] = sizeOf(picture);
  return width * height === 1 && before !== undefined && before.width * before.height > 1;
}
