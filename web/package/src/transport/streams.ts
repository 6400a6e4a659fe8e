// The two transports whose streams are processed in a Worker.
import { transferable } from '../engine/client.js';
import type { Picture } from '../engine/picture.js';
import { BackdropError } from '../error.js';
import type { Settings } from '../settings.js';
import { Remote } from '../rpc.js';
import { framesOf, type FramesClass } from '../stream/frames-of.js';
import type {
  Sink,
  StreamCalls,
  StreamEvent,
  StreamSource,
  TrackStates,
} from '../stream/protocol.js';
import { newStreamWorker } from '../stream/new-stream-worker.js';
import { sizeOfTrack, statesOf, TrackWatch } from './track-watch.js';
import type { Transport, TransportContext } from './transport.js';

/** Chromium's, in the window: https://www.w3.org/TR/2021/WD-mediacapture-transform-20211202/ */
interface WindowStreams {
  MediaStreamTrackProcessor: FramesClass;
  MediaStreamTrackGenerator: new (init: { kind: 'video' }) => MediaStreamTrack & { writable: Sink };
}

type Handover = (track: MediaStreamTrack) => StreamSource;

/** Time for a Worker to close its frames before it is terminated. */
const closeMilliseconds = 1000;
/** Chromium can hang when a Worker is terminated while its own nested Worker is still terminating. */
const endMilliseconds = 100;

/** A working camera's frames are closer than this; the time doubles at each attempt. */
const feedMilliseconds = 1000;
const longestFeedMilliseconds = 32_000;

/** A generator's settings follow its first frame. */
const settingsMilliseconds = 20;
const settingsLooks = 10;

class StreamsTransport implements Transport {
  private source: MediaStreamTrack | undefined;
  private watch: TrackWatch | undefined;
  private states: TrackStates | undefined;
  /** The source's copy, where the Worker has one: what is transferred has ended here. */
  private copy: MediaStreamTrack | undefined;
  private closed = false;
  private feeding: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly remote: Remote<StreamCalls>,
    readonly output: MediaStreamTrack,
    private readonly handover: Handover,
  ) {}

  async attach(track: MediaStreamTrack): Promise<void> {
    const before = this.source;
    // What is told of the source before must not reach this one.
    this.source = undefined;
    this.watch?.close();
    clearTimeout(this.feeding);
    try {
      this.states = await this.give(track);
      this.source = track;
    } catch (reason) {
      this.source = before;
      throw reason;
    } finally {
      this.watchSource();
    }
    for (let look = 0; look < settingsLooks && !this.output.getSettings().width; ++look) {
      await new Promise((resolve) => setTimeout(resolve, settingsMilliseconds));
    }
  }

  private watchSource(): void {
    const { source } = this;
    if (!source || !this.states || this.closed) return;
    this.watch = new TrackWatch(source, this.output, this.states, {
      changed: (states) => {
        this.states = states;
        this.tell('setStates', states);
      },
      ended: () => {
        this.copy?.stop();
        this.tell('detach', undefined);
      },
      constrained: (constraints) => {
        this.tell('constrain', constraints);
      },
    });
    this.feedLater(source, feedMilliseconds);
  }

  /** @returns the states that the Worker knows */
  private async give(track: MediaStreamTrack): Promise<TrackStates> {
    const states = statesOf(track, this.output);
    try {
      await this.transfer(track, 'attach', { ...sizeOfTrack(track), states });
    } catch (reason) {
      const error = BackdropError.from(reason);
      if (error.code !== 'argument') throw error;
      throw new BackdropError(
        'unsupported',
        `this browser can’t transfer the track: ${error.message}`,
      );
    }
    return states;
  }

  private async transfer<Call extends 'attach' | 'feed'>(
    track: MediaStreamTrack,
    call: Call,
    others: Omit<StreamCalls[Call]['request'], keyof StreamSource>,
  ): Promise<void> {
    const source = this.handover(track);
    const isTrack = 'track' in source;
    try {
      await this.remote.call(call, { ...others, ...source }, [
        isTrack ? source.track : source.frames,
      ]);
    } catch (reason) {
      if (isTrack) source.track.stop();
      throw reason;
    }
    this.copy?.stop();
    this.copy = isTrack ? source.track : undefined;
  }

  /** The Worker may have died, and with it the stream. */
  private tell<Name extends keyof StreamCalls>(
    call: Name,
    request: StreamCalls[Name]['request'],
  ): void {
    this.remote.call(call, request).catch(() => undefined);
  }

  /**
   * Chromium loses a frame of about one stream in fifty that is transferred to a Worker, and then gives no other (see
   * HeldFrame). A silent source is given anew; of one that stands still nothing else changes.
   */
  private feedLater(track: MediaStreamTrack, milliseconds: number): void {
    clearTimeout(this.feeding);
    this.feeding = setTimeout(() => {
      void this.feed(track, milliseconds);
    }, milliseconds);
  }

  private async feed(track: MediaStreamTrack, milliseconds: number): Promise<void> {
    let next = feedMilliseconds;
    try {
      const silence = await this.remote.call('silence', undefined);
      if (!this.isSource(track) || track.readyState === 'ended') return;
      // A source that is silent already shall not stand for a second more.
      if (silence < feedMilliseconds) next = feedMilliseconds - silence;
      else {
        next = Math.min(2 * milliseconds, longestFeedMilliseconds);
        if (track.enabled && !track.muted) await this.transfer(track, 'feed', {});
      }
    } catch {
      // The next attempt may do better; where the Worker has died, the transport is closed.
    }
    if (this.isSource(track)) this.feedLater(track, next);
  }

  private isSource(track: MediaStreamTrack): boolean {
    return track === this.source && !this.closed;
  }

  async detach(): Promise<void> {
    this.source = undefined;
    this.watch?.close();
    clearTimeout(this.feeding);
    this.copy?.stop();
    await this.remote.call('detach', undefined);
  }

  async configure(settings: Partial<Settings>): Promise<void> {
    await this.remote.call('configure', settings);
  }

  async showBehind(picture: Picture): Promise<void> {
    await this.remote.call('showBehind', picture, [transferable(picture)]);
  }

  close(): void {
    this.closed = true;
    this.copy?.stop();
    this.watch?.close();
    clearTimeout(this.feeding);
    const over = (): void => {
      this.remote.close();
    };
    // Open frames of a terminated Worker hold the camera's memory until they are garbage-collected.
    this.remote.call('close', undefined).then(() => setTimeout(over, endMilliseconds), over);
    setTimeout(over, closeMilliseconds);
    this.output.stop();
  }
}

/** Starts the Worker and opens its stream. */
async function open(
  { assets, emit, died, signal }: TransportContext,
  request: StreamCalls['open']['request'],
): Promise<{ remote: Remote<StreamCalls>; track: MediaStreamTrack | undefined }> {
  let isOpen = false;
  const remote = new Remote<StreamCalls>(newStreamWorker(assets), {
    event: (event: StreamEvent) => {
      emit(event);
    },
    died: (reason) => {
      if (isOpen) died(reason);
    },
    brief: ['open', 'attach', 'feed', 'setStates', 'silence'],
  });
  const close = (): void => {
    remote.close();
  };
  signal.addEventListener('abort', close);
  try {
    const transfer = request.sink ? [request.sink as unknown as Transferable] : [];
    const { track } = await remote.call('open', request, transfer);
    isOpen = true;
    return { remote, track };
  } catch (reason) {
    close();
    throw reason;
  } finally {
    signal.removeEventListener('abort', close);
  }
}

export async function openWindowStreams(context: TransportContext): Promise<Transport> {
  const streams = globalThis as unknown as WindowStreams;
  const generator = new streams.MediaStreamTrackGenerator({ kind: 'video' });
  const { remote } = await open(context, { sink: generator.writable });
  return new StreamsTransport(remote, generator, (track) => ({
    frames: framesOf(streams.MediaStreamTrackProcessor, track),
  }));
}

export async function openWorkerStreams(context: TransportContext): Promise<Transport> {
  const { remote, track: output } = await open(context, {});
  if (!output) throw new BackdropError('unsupported', 'the Worker gave no track');
  // A transferred track can't be used here any more: the caller keeps the original.
  return new StreamsTransport(remote, output, (track) => ({ track: track.clone() }));
}
