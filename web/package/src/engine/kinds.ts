// The engine's own vocabulary: types that need none of the engine's code.
import type {
  blendModes,
  channelOrders,
  formats,
  outputKinds,
  precisions,
  refinementKinds,
} from './abi.js';

/**
 * What the network's output means, per output pixel:
 * - `auto`: decided by the file
 * - `probability`, `logit`: of a person, in one channel
 * - `logits`, `probabilities`, `arg-max`: a channel per class; `arg-max` takes the largest one's class
 * - `label`: the number of the pixel's class, in one channel
 */
export type OutputKind = (typeof outputKinds)[number];

export type ChannelOrder = (typeof channelOrders)[number];

/**
 * What a network computes in:
 * - `auto`: wide convolutions in integers of 8 bits, where that is faster
 * - `float`: everything in floats of 32 bits
 */
export type Precision = (typeof precisions)[number];

/** How a model is planned, fed and read. Default: as its file says, or else RGB from 0 to 1. */
export interface ModelOptions {
  /** The network's input value for black. Default: 0 if `inputMax` is given. */
  inputMin?: number;
  /** The network's input value for white. Default: 1 if `inputMin` is given. */
  inputMax?: number;
  /**
   * Instead of a range: the mean of each of three channels, in samples of 0 to 255. Needs
   * `inputDeviation`.
   */
  inputMean?: readonly number[];
  /** The standard deviation of each channel: the input is (sample - mean) / deviation. */
  inputDeviation?: readonly number[];
  /** Which of the file's outputs is the mask. Default: the one that fits the input best. */
  outputName?: string;
  output?: OutputKind;
  channelOrder?: ChannelOrder;
  /** Pixels, 1 to 4096: for networks that can be resized. */
  inputSize?: { width: number; height: number };
  /** The classes that are kept as the person, 0 to 255, if the output has classes. */
  classes?: readonly number[];
  /** Default: `auto`. */
  precision?: Precision;
}

/** How a loaded model is planned, fed and read. Sizes in pixels and channels. */
export interface ModelInfo {
  input: {
    width: number;
    height: number;
    channels: number;
    /** Its values for black and white, of all channels together. */
    min: number;
    max: number;
    /** The same of each channel, in the network's order. */
    channelMin: [number, number, number];
    channelMax: [number, number, number];
  };
  output: { width: number; height: number; channels: number; kind: OutputKind };
  channelOrder: ChannelOrder;
  /** The number of the output's classes; 0 if the output has none. */
  classCount: number;
  /** The classes that are kept as the person. */
  classes: number[];
  /** The name of each class as the file states it; '' if the file states none. */
  classNames: string[];
  /** One line for people: what of this the file says, and what is assumed. */
  description: string;
}

/** Alpha is a smoothstep of the person's probability from `low` to `high`, 0 <= low < high <= 1. */
export interface Coverage {
  low: number;
  high: number;
}

/** How the mask's edges are aligned with the frame's. */
export interface Refinement {
  /**
   * `guided` is the fast guided filter. The others are joint bilateral filters: with weights of `exp`,
   * with rational weights, and separable (along rows, then along columns). Where the engine
   * composites on the CPU, the guided filter replaces the bilateral ones.
   */
  kind: (typeof refinementKinds)[number];
  /** In pixels of the mask, 0.1 to 10. */
  sigmaSpace: number;
  /** In colours whose channels are 0 to 1, 0.001 to 1. */
  sigmaColor: number;
}

/** How light of an image or a colour falls on the person's edge, where the GPU composites. */
export interface LightWrapping {
  /** 0 (none) to 1. */
  strength: number;
  blendMode: (typeof blendModes)[number];
}

/** RGBA pixels, four bytes each, row by row; an ImageData is one. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray | Uint8Array;
}

/** The background. `Image` is Pixels for the engine, and more where an image is decoded first. */
export type Background<Image = Pixels> =
  /** The raw frame: the only choice that shows the room. */
  | { kind: 'none' }
  /** A Gaussian whose standard deviation is `strength` percent of the shorter side, 0.1 to 20. */
  | { kind: 'blur'; strength: number }
  /** 0xRRGGBB */
  | { kind: 'color'; rgb: number }
  | { kind: 'image'; image: Image }
  /** No background: the matte becomes alpha. For RGBA and BGRA frames only. */
  | { kind: 'transparent' };

/** The latest frame's stages in milliseconds (0 for a skipped stage), and counts. */
export interface Statistics {
  /** Frames processed since the engine was created. */
  frames: number;
  /** Frames on which the network ran since the engine was created. */
  inferences: number;
  /** The network runs on every frame (1), every second (2) or every third (3). */
  interval: number;
  /** Whether, and why, the latest frame reused the mask of the frame before. */
  kept: Kept;
  /** Bytes that the network holds: packed weights, and memory for tensors. */
  networkBytes: number;
  sample: number;
  infer: number;
  matte: number;
  composite: number;
}

/** `still`: nothing moved; `budget`: there was no time for the network. */
export type Kept = 'no' | 'still' | 'budget';

export type FrameFormat = (typeof formats)[number];

/** Where a plane lies in the frame's bytes, as in WebCodecs. */
export interface PlaneLayout {
  offset: number;
  stride: number;
}

/** What a frame has beside its format and size. */
export interface FrameOptions {
  /** The YUV matrix of I420 and NV12. Default: `bt601`. */
  colorSpace?: 'bt601' | 'bt709';
  /** Whether I420 and NV12 have the full range, 0 to 255. Default: false. */
  fullRange?: boolean;
  /** Clockwise degrees to display the frame upright, like VideoFrame.rotation. Default: 0. */
  rotation?: 0 | 90 | 180 | 270;
  /** Whether the frame is mirrored horizontally after the rotation, like VideoFrame.flip. */
  flip?: boolean;
}

/** A frame without its bytes. */
export interface FrameLayout extends Readonly<Required<FrameOptions>> {
  readonly format: FrameFormat;
  readonly width: number;
  readonly height: number;
  readonly layout: PlaneLayout[];
}

/** The engine's frame: write pixels into `bytes`, call Engine.process, read the result there. */
export interface EngineFrame extends FrameLayout {
  /**
   * A view of the engine's memory, new at each access and valid until the engine's next call. It is
   * shared memory if the module is built for threads.
   */
  readonly bytes: Uint8Array;
}

/** An image on the GPU, upright, first row first. */
export interface Texture {
  /** The engine's name of the texture; see Engine.glName. */
  name: number;
  width: number;
  height: number;
}
