// One interface over the ways that frames come and go.
import type { Picture } from '../engine/picture.js';
import type { BackdropError } from '../error.js';
import type { Settings } from '../settings.js';
import type { StreamEvent } from '../stream/protocol.js';
import type { Assets } from '../workers.js';

/** Where a stream's frames come from and go to, with the stream between. */
export interface Transport {
  /** The processed track: one for as long as the transport lives. */
  readonly output: MediaStreamTrack;
  /** Takes frames from this track from now on. The track stays the caller's. */
  attach(track: MediaStreamTrack): Promise<void>;
  configure(settings: Partial<Settings>): Promise<void>;
  /** The next picture of a background that moves, which is used up. */
  showBehind(picture: Picture): Promise<void>;
  /** Ends the output and frees everything. */
  close(): void;
}

export interface TransportContext {
  assets: Assets;
  emit: (event: StreamEvent) => void;
  /** The transport has gone; another has to be made. */
  died: (reason: BackdropError) => void;
}

export type OpenTransport = (context: TransportContext) => Promise<Transport>;
