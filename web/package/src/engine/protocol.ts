// The calls of the engine's Worker.
import type { ModelSource, PipelineName, Sampling, Settings } from '../settings.js';
import type { Coverage, LightWrapping, ModelInfo, Refinement, Statistics } from './kinds.js';
import type { Picture } from './picture.js';
import type { Variant } from './variant.js';

/** What only another engine can change. */
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
  personCrop: boolean;
  learnedRoom: boolean;
  onlyFront: boolean;
  despeckling: boolean;
  /** For the pipelines `engine` and `webgl2`; `auto` is the pipeline's own default. */
  refinement: Refinement | 'auto';
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

/** Milliseconds of the latest frame: the engine's stages, and the copies in and out. */
export interface FrameStatistics extends Statistics {
  copy: number;
  /** What made the frame: `engine` while `webgl2` has lost the GPU. */
  pipeline: PipelineName;
}

/** Milliseconds of all stages. */
export function totalOf({ copy, sample, infer, matte, composite }: FrameStatistics): number {
  return copy + sample + infer + matte + composite;
}

/** The calls are done one after the other, in the order of their arrival. */
export interface EngineCalls {
  /** The first call. */
  init: { request: Setup & Partial<Adjustments>; answer: Started };
  /** An adjustment that fails drops itself and those after it. Images are closed. */
  adjust: { request: Partial<Adjustments>; answer: undefined };
  /** Forgets the frames before, because the next frame is from another source. */
  reset: { request: undefined; answer: undefined };
  /** The picture is transferred; the Worker closes it and answers with one of the same kind. */
  frame: {
    request: {
      picture: Picture;
      /** Milliseconds that a frame may take on average; 0 is no limit. */
      budget: number;
    };
    answer: { picture: Picture; statistics: FrameStatistics };
  };
}
