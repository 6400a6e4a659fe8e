// The two transports whose streams are processed in a Worker.
import { transferable } from '../engine/client.js';
import type { Picture } from '../engine/picture.js';
import { BackdropError } from '../error.js';
import type { Settings } from '../settings.js';
import { Remote } from '../rpc.js';
import type { Frames, Sink, StreamCalls, StreamEvent } from '../stream/protocol.js';
import { newStreamWorker } from '../workers.js';
import type { Transport, TransportContext } from './transport.js';

/** Chromium's, in the window: https://www.w3.org/TR/2021/WD-mediacapture-transform-20211202/ */
interface WindowStreams {
  MediaStreamTrackProcessor: new (init: { track: MediaStreamTrack; maxBufferSize?: number }) => {
    readable: Frames;
  };
  MediaStreamTrackGenerator: new (init: { kind: 'video' }) => MediaStreamTrack & { writable: Sink };
}

/** Makes the request of `attach` for a track, and the object in it to transfer. */
type Handover = (track: MediaStreamTrack) => [StreamCalls['attach']['request'], Transferable];

/** Time for a Worker to close its frames before it is terminated. */
const closeMilliseconds = 1000;
/** Chromium can hang when a Worker is terminated while its own nested Worker is still terminating. */
const endMilliseconds = 100;

/** Time within which a working camera gives its first frame. */
const feedMilliseconds = 1000;

class StreamsTransport implements Transport {
  private source: MediaStreamTrack | undefined;
  private feeding: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly remote: Remote<StreamCalls>,
    readonly output: MediaStreamTrack,
    private readonly handover: Handover,
  ) {}

  async attach(track: MediaStreamTrack): Promise<void> {
    this.source = track;
    const [request, transfer] = this.handover(track);
    await this.remote.call('attach', request, [transfer]);
    if (request.frames) this.watch(track);
  }

  /** One in some hundred streams that Chromium transfers to a Worker never delivers a frame. */
  private watch(track: MediaStreamTrack): void {
    clearTimeout(this.feeding);
    this.feeding = setTimeout(() => {
      this.feed(track).catch(() => undefined); // The Worker died, and with it the stream.
    }, feedMilliseconds);
  }

  private async feed(track: MediaStreamTrack): Promise<void> {
    const isFed = await this.remote.call('isFed', undefined);
    if (isFed || track !== this.source || track.readyState === 'ended') return;
    if (track.muted) this.watch(track);
    else await this.attach(track);
  }

  async configure(settings: Partial<Settings>): Promise<void> {
    await this.remote.call('configure', settings);
  }

  async showBehind(picture: Picture): Promise<void> {
    await this.remote.call('showBehind', picture, [transferable(picture)]);
  }

  close(): void {
    this.source = undefined;
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

function connect({ assets, emit, died }: TransportContext): Remote<StreamCalls> {
  return new Remote<StreamCalls>(newStreamWorker(assets), {
    event: (event: StreamEvent) => {
      emit(event);
    },
    died,
  });
}

export async function openWindowStreams(context: TransportContext): Promise<Transport> {
  const streams = globalThis as unknown as WindowStreams;
  const remote = connect(context);
  const generator = new streams.MediaStreamTrackGenerator({ kind: 'video' });
  const { writable: sink } = generator;
  await remote.call('open', { sink }, [sink as unknown as Transferable]);
  return new StreamsTransport(remote, generator, (track) => {
    const { readable } = new streams.MediaStreamTrackProcessor({ track, maxBufferSize: 1 });
    return [{ frames: readable }, readable];
  });
}

export async function openWorkerStreams(context: TransportContext): Promise<Transport> {
  const remote = connect(context);
  const { track: output } = await remote.call('open', {});
  if (!output) throw new BackdropError('unsupported', 'the Worker gave no track');
  return new StreamsTransport(remote, output, (track) => {
    // A transferred track can't be used here any more: the caller keeps the original.
    const copy = track.clone();
    return [{ track: copy }, copy];
  });
}
