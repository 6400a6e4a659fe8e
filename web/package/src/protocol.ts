import type { Background, ModelInfo, ModelOptions, Statistics } from './engine.js';
import type { ErrorCode } from './error.js';
import type { Picture } from './picture.js';
import type { Variant } from './variant.js';

/** A .tflite file, as its bytes or where it lies, and how it is fed and read. */
export interface ModelSource extends ModelOptions {
  tflite: string | Uint8Array;
}

/** A picture behind the person, in the worker's terms. */
export type WorkerBackground = Background<ImageBitmap | ImageData>;

/** Milliseconds of the latest frame; beside the engine's stages, what the copying took. */
export interface FrameStatistics extends Statistics {
  copy: number;
}

/** The worker's calls: what each takes and what it answers. */
export interface Calls {
  /**
   * Comes first. `auto` takes the fastest variant that the browser can run, and as many threads as
   * serve it. The answer's `threads` are fewer than asked for where there can't be so many.
   */
  init: {
    request: { variant: Variant | 'auto'; threads: number | 'auto'; model: ModelSource };
    answer: { variant: Variant; threads: number; model: ModelInfo };
  };
  model: { request: ModelSource; answer: ModelInfo };
  background: { request: WorkerBackground; answer: undefined };
  /** The frame is transferred, and closed by the worker. */
  frame: {
    request: Picture;
    answer: { picture: Picture; statistics: FrameStatistics };
  };
}

export type CallName = keyof Calls;

/** To the worker. Calls are done one after the other, in the order that they come in. */
export type Request = {
  [Name in CallName]: { id: number; call: Name; request: Calls[Name]['request'] };
}[CallName];

/** From the worker: one for each request, with its id. */
export type Answer =
  | { id: number; answer: Calls[CallName]['answer'] }
  | { id: number; error: { code: ErrorCode; message: string } };
