// The interface of the transports, which bring frames in and out.
import type { Picture } from '../engine/picture.js';
import type { BackdropError } from '../error.js';
import type { Settings } from '../settings.js';
import type { StreamEvent } from '../stream/protocol.js';
import type { Assets } from '../create-worker.js';

/** Reads a track's frames, processes them, and writes them to another track. */
export interface Transport {
  /** The processed track, which stays the same until the transport is closed. */
  readonly output: MediaStreamTrack;
  /**
   * Replaces the source by this track, which stays owned by the caller. Resolves when a picture has left.
   * Rejects with the code `unsupported` where another transport can take the track.
   */
  attach(track: MediaStreamTrack): Promise<void>;
  /** Lets the source go; a blank frame leaves, and the output stays. */
  detach(): Promise<void>;
  configure(settings: Partial<Settings>): Promise<void>;
  /** Sets the next frame of a background video, and takes ownership of it. */
  showBehind(picture: Picture): Promise<void>;
  /** Ends the processed track and frees everything. */
  close(): void;
}

export interface TransportContext {
  assets: Assets;
  /** The first source's, in pixels. */
  size: { width: number; height: number };
  emit: (event: StreamEvent) => void;
  /** Called when the transport's Worker died, once it is open; another transport has to be opened. */
  died: (reason: BackdropError) => void;
  /** Ends the opening. */
  signal: AbortSignal;
}

export type OpenTransport = (context: TransportContext) => Promise<Transport>;
