// A track's frames by MediaStreamTrackProcessor, which pages or Workers have.
import { BackdropError } from '../error.js';
import type { Frames } from './protocol.js';

/** The class MediaStreamTrackProcessor: https://www.w3.org/TR/mediacapture-transform/ */
export type FramesClass = new (init: { track: MediaStreamTrack; maxBufferSize?: number }) => {
  readable: Frames;
};

/** Throws a BackdropError of code `state` when the track has just ended. */
export function framesOf(MediaStreamTrackProcessor: FramesClass, track: MediaStreamTrack): Frames {
  try {
    return new MediaStreamTrackProcessor({ track, maxBufferSize: 1 }).readable;
  } catch (reason) {
    throw new BackdropError('state', `the track gives no frames: ${String(reason)}`);
  }
}
