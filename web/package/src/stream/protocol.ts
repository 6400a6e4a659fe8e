// What the stream's Worker is told, what it answers, and what it tells by itself.
import type { Picture } from '../engine/picture.js';
import type { ErrorCode } from '../error.js';
import type { Degraded, Ready, StreamStatistics } from '../events.js';
import type { Settings } from '../settings.js';

/** Where frames come from and go to: streams in the window, or a track to make streams of. */
export type Frames = ReadableStream<Picture>;
export type Sink = WritableStream<Picture>;

export interface StreamCalls {
  /** Comes first; with no sink the Worker makes one, whose track is the answer. */
  open: { request: { sink?: Sink }; answer: { track?: MediaStreamTrack } };
  /** Another source takes the place of the one before. */
  attach: { request: { frames?: Frames; track?: MediaStreamTrack }; answer: undefined };
  /** Whether a frame has come since the source was attached. */
  isFed: { request: undefined; answer: boolean };
  configure: { request: Partial<Settings>; answer: undefined };
  /** The next picture of a background that moves, which is transferred. */
  showBehind: { request: Picture; answer: undefined };
  /** Comes last; the answer comes when no frame is open any more. */
  close: { request: undefined; answer: undefined };
}

/** What a stream tells by itself. */
export type StreamEvent =
  | { type: 'ready'; detail: Ready }
  | { type: 'degraded'; detail: Degraded }
  | { type: 'stats'; detail: StreamStatistics }
  | { type: 'error'; detail: { code: ErrorCode; message: string } };
