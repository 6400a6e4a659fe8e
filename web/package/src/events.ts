// The events of a Backdrop.
import type { ModelInfo } from './engine/kinds.js';
import type { FrameStatistics } from './engine/protocol.js';
import type { Variant } from './engine/variant.js';
import type { BackdropError } from './error.js';
import type { PipelineName } from './settings.js';
import type { TransportName } from './transport/detect.js';

/** The engine, pipeline and model in use. */
export interface Ready {
  variant: Variant;
  threads: number;
  pipeline: PipelineName;
  model: ModelInfo;
}

/**
 * Why not every frame is a new, processed one:
 * - `loading`: blank frames, until the engine has its model
 * - `failed`: blank frames; an `error` says why
 * - `ended`: a last, blank frame, because the source has ended, or `process(null)` let it go
 * - `fallback`: frames of the pipeline `engine`, until `webgl2` has its lost GPU context back
 * - `slow`: the network runs on every second or third frame, or frames are dropped
 * - `silent`: the source has given no frame for two seconds, and the picture that left last stands; or
 *   the source is disabled, and blank frames leave
 */
export interface Degraded {
  reason: 'loading' | 'failed' | 'ended' | 'fallback' | 'slow' | 'silent';
  message: string;
}

/** What the latest of `ready` and `degraded` said; `idle` before them, and after `stop`. */
export type State = 'idle' | 'ready' | Degraded['reason'] | 'disposed';

/** Statistics of the latest second, except for the counts. */
export interface StreamStatistics {
  /** Frames a second: received, written, and written blank. */
  fpsIn: number;
  fpsOut: number;
  fpsBlank: number;
  /**
   * Counts of frames since the stream began: written; dropped because the engine was busy; skipped
   * because they exceeded `targetFps`.
   */
  delivered: number;
  dropped: number;
  skipped: number;
  /** The latest frame's size in pixels; 0 before the first frame. */
  width: number;
  height: number;
  /** The latest frame's VideoFrame format; null before the first frame and where it has none. */
  format: string | null;
  /** Mean milliseconds of a processed frame: in each stage, and from its receipt to its writing. */
  stages: Pick<FrameStatistics, 'copy' | 'sample' | 'infer' | 'matte' | 'composite'>;
  latency: number;
  /** The network runs on every frame (1), every second one (2) or every third one (3). */
  interval: number;
  /** Shares of frames whose matte was kept, 0 to 1: by static-scene skip, and by the rate controller. */
  keptStill: number;
  keptBudget: number;
}

export interface Events {
  /** Every frame is a new, processed one: at first, and again after `degraded`. */
  ready: Ready & { transport: TransportName };
  degraded: Degraded;
  /** Once a second. */
  stats: StreamStatistics;
  error: BackdropError;
  /** This new processed track replaces the one before, because the stream's Worker died. */
  track: MediaStreamTrack;
}
