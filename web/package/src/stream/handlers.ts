// What the stream's Worker does at each call.
import { BackdropError } from '../error.js';
import type { Handlers } from '../rpc.js';
import { blankFrame } from './blank.js';
import { framesOf, type FramesClass } from './frames-of.js';
import { allEnabled, Processor } from './processor.js';
import type { Frames, Sink, StreamCalls, StreamEvent, StreamSource } from './protocol.js';

/** The standard's streams: https://www.w3.org/TR/mediacapture-transform/ */
interface WorkerStreams {
  MediaStreamTrackProcessor?: FramesClass;
  VideoTrackGenerator?: new () => { writable: Sink; track: MediaStreamTrack };
}

export function streamHandlers(
  newEngineWorker: () => Worker,
  emit: (event: StreamEvent) => void,
): Handlers<StreamCalls> {
  const streams = globalThis as unknown as WorkerStreams;
  let processor: Processor | undefined;
  /** The source's track, if it was transferred here. */
  let source: MediaStreamTrack | undefined;

  function opened(): Processor {
    if (!processor) throw new BackdropError('state', 'the stream was not opened');
    return processor;
  }

  /** A copy of a camera's track keeps the camera on until the copy is stopped. */
  function replaceSource(from?: StreamSource): void {
    source?.stop();
    source = from && 'track' in from ? from.track : undefined;
  }

  function framesFrom(from: StreamSource): Frames {
    return 'track' in from ? take(from.track) : from.frames;
  }

  function take(track: MediaStreamTrack): Frames {
    const { MediaStreamTrackProcessor } = streams;
    try {
      if (MediaStreamTrackProcessor) return framesOf(MediaStreamTrackProcessor, track);
      throw new BackdropError('unsupported', 'the Worker has no MediaStreamTrackProcessor');
    } catch (reason) {
      track.stop();
      throw reason;
    }
  }

  return {
    open({ sink }) {
      const { VideoTrackGenerator } = streams;
      const generator = sink || !VideoTrackGenerator ? undefined : new VideoTrackGenerator();
      const writable = sink ?? generator?.writable;
      if (!writable || (generator && !streams.MediaStreamTrackProcessor)) {
        throw new BackdropError('unsupported', 'the Worker has no streams of frames');
      }
      processor = new Processor(writable, blankFrame, newEngineWorker, emit);
      if (!generator) return { value: {} };
      const { track } = generator;
      return { value: { track }, transfer: [track] };
    },
    async attach({ width = 16, height = 16, states = allEnabled, ...from }) {
      const attached = opened().attach(framesFrom(from), { width, height }, states);
      replaceSource(from);
      await attached;
      return { value: undefined };
    },
    feed(from) {
      opened().feed(framesFrom(from));
      replaceSource(from);
      return { value: undefined };
    },
    setStates(states) {
      opened().setStates(states);
      return { value: undefined };
    },
    async constrain(constraints) {
      await source?.applyConstraints(constraints);
      return { value: undefined };
    },
    async detach() {
      await opened().detach();
      replaceSource();
      return { value: undefined };
    },
    silence() {
      return { value: opened().silence };
    },
    async configure(settings) {
      await opened().configure(settings);
      return { value: undefined };
    },
    async showBehind(picture) {
      await opened().showBehind(picture);
      return { value: undefined };
    },
    async close() {
      replaceSource();
      await opened().close();
      return { value: undefined };
    },
  };
}
