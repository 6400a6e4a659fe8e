// What a Backdrop tells while it runs.
import type { ModelInfo } from './engine/kinds.js';
import type { FrameStatistics } from './engine/protocol.js';
import type { Variant } from './engine/variant.js';
import type { BackdropError } from './error.js';
import type { PipelineName } from './settings.js';
import type { TransportName } from './transport/detect.js';

/** What runs. */
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
 * - `ended`: a last, blank frame: the source has ended
 * - `fallback`: frames of the pipeline `engine`, because `webgl2` has lost the GPU for now
 * - `slow`: the network runs on every second or third frame, or frames are dropped
 */
export interface Degraded {
  reason: 'loading' | 'failed' | 'ended' | 'fallback' | 'slow';
  message: string;
}

/** Over the latest second, but for the counts. */
export interface StreamStatistics {
  /** Frames a second that came, that left, and that left without a picture. */
  fpsIn: number;
  fpsOut: number;
  fpsBlank: number;
  /** Counts since the stream began: frames that left; that came too late to be worked on; that came
   *  faster than `targetFps`. */
  delivered: number;
  dropped: number;
  skipped: number;
  /** The latest frame's size; 0 before there is one. */
  width: number;
  height: number;
  /** The latest frame's format, as VideoFrame names it; null where there is none. */
  format: string | null;
  /** Mean milliseconds a processed frame: in each stage, and from its coming to its leaving. */
  stages: Pick<FrameStatistics, 'copy' | 'sample' | 'infer' | 'matte' | 'composite'>;
  latency: number;
  /** The network runs on every frame (1), every second (2) or third (3) one. */
  interval: number;
  /** The shares of frames whose matte was kept, because nothing moved and to save time, 0 to 1. */
  keptStill: number;
  keptBudget: number;
}

export interface Events {
  /** Every frame is a new, processed one: at first, and again after something was `degraded`. */
  ready: Ready & { transport: TransportName };
  degraded: Degraded;
  /** Once a second. */
  stats: StreamStatistics;
  error: BackdropError;
  /** The output had to be made anew: this track takes the place of the one before. */
  track: MediaStreamTrack;
}
