// The two transports whose streams are in a Worker.
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

/** What `attach` hands to the Worker for a track. */
type Handover = (track: MediaStreamTrack) => [StreamCalls['attach']['request'], Transferable];

/** How long a Worker may take to close what it has open. */
const closeMilliseconds = 1000;
/** In Chromium a Worker that is ended while one that it had just ended still ends may hang for ever. */
const endMilliseconds = 100;

/** A camera that gives frames has given one by then. */
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

  /** Of some hundred streams that Chromium hands to a Worker, one never brings a frame there. */
  private watch(track: MediaStreamTrack): void {
    clearTimeout(this.feeding);
    this.feeding = setTimeout(() => {
      this.feed(track).catch(() => undefined); // The Worker has gone: there is nothing to be fed.
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
    // Frames that a terminated Worker had open keep the camera's memory until they are garbage.
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
    // What is transferred can't be used here any more: the caller keeps the original.
    const copy = track.clone();
    return [{ track: copy }, copy];
  });
}
