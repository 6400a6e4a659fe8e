// What a stream and its engine are configured with.
import { limits } from './engine/abi.js';
import type {
  Background,
  Coverage,
  LightWrapping,
  ModelOptions,
  Refinement,
} from './engine/kinds.js';
import type { Picture } from './engine/picture.js';
import type { Placed } from './engine/placement.js';
import type { Variant } from './engine/variant.js';

/** A .tflite file, and how the model is planned, fed and read. */
export interface ModelSource extends ModelOptions {
  /** The file's address or bytes. Default: the model that comes with the package. */
  tflite?: string | URL | Uint8Array;
}

/**
 * What composites: `engine` in WebAssembly, in the frame's own format; `webgl2` on the GPU; `canvas2d`
 * the browser's 2D canvas, as in the original demo, with only the mask from the engine.
 */
export type PipelineName = 'engine' | 'webgl2' | 'canvas2d';

/**
 * How the network gets its input in the pipeline `webgl2`: shrunk by the GPU and read back, or from the
 * frame's own pixels on the CPU. `auto` tries both and keeps the faster one.
 */
export type Sampling = 'auto' | 'gpu' | 'cpu';

/** All that can change while frames flow. The image is decoded and the model's address absolute. */
export interface Settings {
  model: ModelSource;
  background: Placed<Background<Picture>>;
  coverage: Coverage;
  /** `auto` is the pipeline's own default. */
  refinement: Refinement | 'auto';
  lightWrapping: LightWrapping;
  /** For the pipeline `webgl2`. Default: `auto`. */
  sampling: Sampling;
  /** Temporal smoothing of the mask, 0 (off) to 1. Default: 0.9. */
  steadying: number;
  /** Static-scene skip: whether the mask is reused while nothing moves. Default: true. */
  motionGate: boolean;
  /**
   * Whether the network sees a part of the frame, around all people, in place of all of it squeezed
   * into its shape. Who comes in beside that part is found within a second. Default: true.
   */
  personCrop: boolean;
  /**
   * For the pipeline `engine`: whether what is behind the people is learned while the camera stands
   * still, so that their edges are found better and the blur is that of the room. Default: true.
   */
  learnedRoom: boolean;
  /**
   * Whether only the person in front is kept, and everybody else is background who does not touch
   * them in the picture. Default: false.
   */
  onlyFront: boolean;
  /** Whether small holes in people are filled, and small islands beside them dropped. Default: true. */
  despeckling: boolean;
  /** The most frames a second, 1 to 120; the network runs less often to keep them. Default: 30. */
  targetFps: number;
  /** The build of the engine. Default: `auto`, the fastest that the browser can run. */
  variant: Variant | 'auto';
  /** The engine's threads, 1 to 16; more than 1 only where the page is cross-origin isolated. */
  threads: number | 'auto';
  /** Default: `engine`. */
  pipeline: PipelineName;
  /** Smoothing of the mask in the pipeline `canvas2d`, 0 to 20 pixels of the frame. Default: 4. */
  maskBlur: number;
}

export const defaults: Settings = {
  model: {},
  background: { kind: 'blur', strength: limits.blurStrengthDefault },
  coverage: { low: limits.coverageLowDefault, high: limits.coverageHighDefault },
  refinement: 'auto',
  lightWrapping: { strength: 0.3, blendMode: 'screen' },
  sampling: 'auto',
  steadying: limits.steadyingDefault,
  motionGate: true,
  personCrop: true,
  learnedRoom: true,
  onlyFront: false,
  despeckling: true,
  targetFps: 30,
  variant: 'auto',
  threads: 'auto',
  pipeline: 'engine',
  maskBlur: 4,
};
