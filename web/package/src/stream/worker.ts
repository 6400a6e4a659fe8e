// The stream in a Worker, for browsers whose Workers can have the streams.
import { BackdropError } from '../error.js';
import type { Settings } from '../settings.js';
import { post, serve } from '../rpc.js';
import { newEngineWorker } from '../workers.js';
import { Processor } from './processor.js';
import type { Frames, Sink, StreamCalls } from './protocol.js';

/** The standard's streams: https://www.w3.org/TR/mediacapture-transform/ */
interface WorkerStreams {
  MediaStreamTrackProcessor: new (init: { track: MediaStreamTrack; maxBufferSize?: number }) => {
    readable: Frames;
  };
  VideoTrackGenerator: new () => { writable: Sink; track: MediaStreamTrack };
}
const streams = self as unknown as WorkerStreams;

let processor: Processor | undefined;

function opened(): Processor {
  if (!processor) throw new BackdropError('state', 'the stream was not opened');
  return processor;
}

function open(sink: Sink): void {
  processor = new Processor(sink, newEngineWorker, post);
}

serve<StreamCalls>({
  open({ sink }) {
    if (sink) {
      open(sink);
      return { value: {} };
    }
    const { writable, track } = new streams.VideoTrackGenerator();
    open(writable);
    return { value: { track }, transfer: [track] };
  },
  attach({ frames, track }) {
    const source =
      frames ??
      (track && new streams.MediaStreamTrackProcessor({ track, maxBufferSize: 1 }).readable);
    if (source) opened().attach(source);
    return { value: undefined };
  },
  isFed() {
    return { value: opened().isFed };
  },
  async configure(settings: Partial<Settings>) {
    await opened().configure(settings);
    return { value: undefined };
  },
  async showBehind(picture) {
    await opened().showBehind(picture);
    return { value: undefined };
  },
  async close() {
    await opened().close();
    return { value: undefined };
  },
});
