// What the engine's Worker is told and what it answers.
import type { ModelSource, PipelineName, Sampling, Settings } from '../settings.js';
import type { Coverage, LightWrapping, ModelInfo, Refinement, Statistics } from './kinds.js';
import type { Picture } from './picture.js';
import type { Variant } from './variant.js';

/** What an engine is made of. */
export interface Setup {
  model: ModelSource;
  /** `auto` takes the fastest variant that the browser can run. */
  variant: Variant | 'auto';
  threads: number | 'auto';
  pipeline: PipelineName;
}

/** What can be changed while frames flow. */
export interface Adjustments {
  background: Settings['background'];
  coverage: Coverage;
  steadying: number;
  motionGate: boolean;
  /** For the pipelines `engine` and `webgl2`. */
  refinement: Refinement;
  /** For the pipeline `webgl2`. */
  lightWrapping: LightWrapping;
  sampling: Sampling;
  /** Pixels; for the pipeline `canvas2d`. */
  maskBlur: number;
}

/** What runs. */
export interface Started {
  variant: Variant;
  threads: number;
  model: ModelInfo;
}

/** Milliseconds of the latest frame; beside the engine's stages, what the copying took. */
export interface FrameStatistics extends Statistics {
  copy: number;
  /** What made the frame: `engine`, too, where `webgl2` has lost the GPU. */
  pipeline: PipelineName;
}

/** Milliseconds of all stages. */
export function totalOf({ copy, sample, infer, matte, composite }: FrameStatistics): number {
  return copy + sample + infer + matte + composite;
}

/** The engine Worker's calls, done one after the other in the order that they come in. */
export interface EngineCalls {
  /** Comes first. */
  init: { request: Setup & Partial<Adjustments>; answer: Started };
  /** On failure nothing is changed from the one that failed on. Pictures are closed. */
  adjust: { request: Partial<Adjustments>; answer: undefined };
  /** Forgets earlier frames: the next one is of another source. */
  reset: { request: undefined; answer: undefined };
  /** The picture is transferred, and closed by the Worker; what comes back is of the same kind. */
  frame: {
    request: {
      picture: Picture;
      /** Milliseconds that a frame may take, on average; 0 for no limit. */
      budget: number;
    };
    answer: { picture: Picture; statistics: FrameStatistics };
  };
}
