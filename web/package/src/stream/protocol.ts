// The calls of the stream's Worker, and its events.
import type { Picture } from '../engine/picture.js';
import type { ErrorCode } from '../error.js';
import type { Degraded, Ready, StreamStatistics } from '../events.js';
import type { Settings } from '../settings.js';

/** Where frames come from, and where processed frames go to. */
export type Frames = ReadableStream<Picture>;
export type Sink = WritableStream<Picture>;

export interface TrackStates {
  /** What a disabled source gives is blank, and costs nothing. */
  sourceEnabled: boolean;
  /** Nothing is processed for a disabled output. */
  outputEnabled: boolean;
}

/** What is transferred of a source. */
export type StreamSource = { frames: Frames } | { track: MediaStreamTrack };

export interface StreamCalls {
  /** The first call. Without a sink the Worker makes one and answers with its track. */
  open: { request: { sink?: Sink }; answer: { track?: MediaStreamTrack } };
  /**
   * See Processor.attach. A track is stopped when another source replaces it, and at the end. The size is
   * the source's, if it is known. Both tracks are enabled by default.
   */
  attach: {
    request: StreamSource & { width?: number; height?: number; states?: TrackStates };
    answer: undefined;
  };
  /** See Processor.feed. The track is another copy of the one that was attached. */
  feed: { request: StreamSource; answer: undefined };
  /** See Processor.setStates. */
  setStates: { request: TrackStates; answer: undefined };
  /** Constrains the source's track, if that is a copy, as its original is constrained. */
  constrain: { request: MediaTrackConstraints; answer: undefined };
  /** The source's original has ended. */
  detach: { request: undefined; answer: undefined };
  /** See Processor.silence. */
  silence: { request: undefined; answer: number };
  /** See EngineKeeper.configure. */
  configure: { request: Partial<Settings>; answer: undefined };
  /** The next frame of a background video, which is transferred. */
  showBehind: { request: Picture; answer: undefined };
  /** The last call, answered when no frame is open any more. */
  close: { request: undefined; answer: undefined };
}

/** What a stream emits. */
export type StreamEvent =
  | { type: 'ready'; detail: Ready }
  | { type: 'degraded'; detail: Degraded }
  | { type: 'stats'; detail: StreamStatistics }
  | { type: 'error'; detail: { code: ErrorCode; message: string } };
