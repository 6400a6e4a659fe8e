// What a Backdrop can be told, and what of it is refused.
import { blendModes, channelOrders, limits, outputKinds, refinementKinds } from './engine/abi.js';
import type {
  Background,
  Coverage,
  LightWrapping,
  ModelOptions,
  Refinement,
} from './engine/kinds.js';
import type { Picture } from './engine/picture.js';
import { supports, variants, type Variant } from './engine/variant.js';
import { BackdropError } from './error.js';
import { transports, type TransportName } from './transport/detect.js';

/** A .tflite file, as its bytes or where it lies, and how it is fed and read. */
export interface ModelSource extends ModelOptions {
  tflite: string | URL | Uint8Array;
}

/**
 * What makes the picture: `engine` composites in WebAssembly, in the frame's own format; `webgl2` does
 * it on the GPU; `canvas2d` lets the browser's 2D canvas do it, as the original demo does, and takes
 * only the mask from the engine.
 */
export type PipelineName = 'engine' | 'webgl2' | 'canvas2d';

/**
 * How the network gets its input in the pipeline `webgl2`: shrunk by the GPU and read back, or from the
 * frame's own pixels by the CPU. `auto` tries both and keeps to the faster one.
 */
export type Sampling = 'auto' | 'gpu' | 'cpu';

/** A picture that stands behind the person: its address, or anything that has pixels. */
export type PictureSource = string | URL | ImageBitmapSource;

/** A video that plays behind the person: its address, an element that has it, or a track. */
export type VideoSource = string | URL | HTMLVideoElement | MediaStreamTrack;

/** What stands behind the person, before it is loaded. A video is seen without its sound. */
export type BackgroundSource = Background<PictureSource> | { kind: 'video'; video: VideoSource };

export interface Options {
  /** The network that finds the person. */
  model: ModelSource;
  /** What stands behind the person; a blur of strength 2 unless told. */
  background?: BackgroundSource;
  /** Alpha is a smoothstep of the probability of a person between `low` and `high`, in 0 to 1. */
  coverage?: Coverage;
  /**
   * How the mask's edges are brought to those of the frame, in the pipelines `engine` and `webgl2`;
   * `none` in the former and `bilateral-separable`, with 1 and 0.1, in the latter unless told.
   */
  refinement?: Refinement;
  /** Light on the person's edge in the pipeline `webgl2`; 0.3 and `screen` unless told. */
  lightWrapping?: LightWrapping;
  /** For `webgl2`; `auto` unless told. */
  sampling?: Sampling;
  /** How much the mask holds still, 0 to 1; 0.9 unless told. */
  steadying?: number;
  /** Whether the mask is kept while nothing moves; true unless told. */
  motionGate?: boolean;
  /** Frames a second, 1 to 120, 30 unless told: no more come out, and work is saved to keep them. */
  targetFps?: number;
  /** The build of the engine; `auto`, the fastest that the browser can run, unless told. */
  variant?: Variant | 'auto';
  /** Threads of the engine, 1 to 16; more than 1 only where the page is cross-origin isolated. */
  threads?: number | 'auto';
  pipeline?: PipelineName;
  /** For `canvas2d`: how many pixels of the frame the mask is smoothed by, 0 to 20; 4 unless told. */
  maskBlur?: number;
}

/** What is settled when a Backdrop is made. */
export interface FixedOptions {
  /** How frames come and go; `auto`, the best that the browser has, unless told. */
  transport?: TransportName | 'auto';
  /** The address of the folder with the package's `dist`, where it is not beside the script. */
  assets?: string | URL;
}

/** All that can be told while frames flow; the picture is decoded and the model's address absolute. */
export interface Settings {
  model: ModelSource;
  background: Background<Picture>;
  coverage: Coverage;
  refinement?: Refinement;
  lightWrapping: LightWrapping;
  sampling: Sampling;
  steadying: number;
  motionGate: boolean;
  targetFps: number;
  variant: Variant | 'auto';
  threads: number | 'auto';
  pipeline: PipelineName;
  maskBlur: number;
}

export const defaults: Omit<Settings, 'model'> = {
  background: { kind: 'blur', strength: limits.blurStrengthDefault },
  coverage: { low: limits.coverageLowDefault, high: limits.coverageHighDefault },
  lightWrapping: { strength: 0.3, blendMode: 'screen' },
  sampling: 'auto',
  steadying: limits.steadyingDefault,
  motionGate: true,
  targetFps: 30,
  variant: 'auto',
  threads: 'auto',
  pipeline: 'engine',
  maskBlur: 4,
};

function refuse(option: string, value: unknown, allowed: string): never {
  const given = typeof value === 'string' ? `'${value}'` : String(value);
  throw new BackdropError('argument', `${option} is ${given}, where ${allowed} is allowed`);
}

function isBetween(value: unknown, low: number, high: number): boolean {
  return typeof value === 'number' && value >= low && value <= high;
}

type Check = (value: unknown, option: string) => void;

function number(low: number, high: number): Check {
  return (value, option) => {
    if (!isBetween(value, low, high)) refuse(option, value, `a number from ${low} to ${high}`);
  };
}

function oneOf(...allowed: readonly string[]): Check {
  return (value, option) => {
    if (!allowed.includes(value as string)) refuse(option, value, `one of ${allowed.join(', ')}`);
  };
}

function wholeNumber(low: number, high: number): Check {
  return (value, option) => {
    if (!Number.isInteger(value) || !isBetween(value, low, high)) {
      refuse(option, value, `a whole number from ${low} to ${high}`);
    }
  };
}

function checkClasses(value: unknown, option: string): void {
  if (!Array.isArray(value) || value.length === 0) {
    refuse(option, value, 'a list of at least one class');
  }
  for (const each of value) wholeNumber(0, limits.mostClasses - 1)(each, option);
}

function checkSize(value: unknown, option: string): void {
  const { width, height } = (value ?? {}) as { width?: unknown; height?: unknown };
  wholeNumber(1, limits.largestInput)(width, `${option}.width`);
  wholeNumber(1, limits.largestInput)(height, `${option}.height`);
}

const modelChecks: Record<keyof ModelOptions, Check> = {
  inputMin: number(-1e6, 1e6),
  inputMax: number(-1e6, 1e6),
  output: oneOf(...outputKinds),
  channelOrder: oneOf(...channelOrders),
  inputSize: checkSize,
  classes: checkClasses,
};

function checkModel(value: unknown): void {
  const { tflite, ...options } = (value ?? {}) as Partial<ModelSource>;
  const isAddress = (typeof tflite === 'string' && tflite !== '') || tflite instanceof URL;
  if (!isAddress && !(tflite instanceof Uint8Array)) {
    refuse('model.tflite', tflite, 'an address or a Uint8Array');
  }
  for (const [option, check] of Object.entries(modelChecks)) {
    const told = options[option as keyof ModelOptions];
    if (told !== undefined) check(told, `model.${option}`);
  }
}

const backgroundChecks: Record<BackgroundSource['kind'], (background: never) => void> = {
  none: () => undefined,
  transparent: () => undefined,
  blur: ({ strength }: { strength: unknown }) => {
    number(limits.blurStrengthMin, limits.blurStrengthMax)(strength, 'background.strength');
  },
  color: ({ rgb }: { rgb: unknown }) => {
    wholeNumber(0, 0xffffff)(rgb, 'background.rgb');
  },
  image: ({ image }: { image: unknown }) => {
    if (typeof image === 'string' ? image === '' : !(image instanceof Object)) {
      refuse('background.image', image, 'an address or a picture');
    }
  },
  video: ({ video }: { video: unknown }) => {
    const isAddress = (typeof video === 'string' && video !== '') || video instanceof URL;
    if (isAddress || video instanceof HTMLVideoElement) return;
    if (!(video instanceof MediaStreamTrack && video.kind === 'video')) {
      refuse('background.video', video, 'an address, a video element or a video track');
    }
  },
};

function checkBackground(value: unknown): void {
  const { kind = '' } = (value ?? {}) as { kind?: string };
  oneOf(...Object.keys(backgroundChecks))(kind, 'background.kind');
  backgroundChecks[kind as BackgroundSource['kind']](value as never);
}

function checkCoverage(value: unknown): void {
  const { low, high } = (value ?? {}) as Partial<Coverage>;
  number(0, 1)(low, 'coverage.low');
  number(0, 1)(high, 'coverage.high');
  if (Number(low) >= Number(high)) refuse('coverage.low', low, `less than coverage.high, ${high},`);
}

function checkRefinement(value: unknown): void {
  const { kind, sigmaSpace, sigmaColor } = (value ?? {}) as Partial<Refinement>;
  oneOf(...refinementKinds)(kind, 'refinement.kind');
  number(limits.sigmaSpaceMin, limits.sigmaSpaceMax)(sigmaSpace, 'refinement.sigmaSpace');
  number(limits.sigmaColorMin, limits.sigmaColorMax)(sigmaColor, 'refinement.sigmaColor');
}

function checkLightWrapping(value: unknown): void {
  const { strength, blendMode } = (value ?? {}) as Partial<LightWrapping>;
  number(0, 1)(strength, 'lightWrapping.strength');
  oneOf(...blendModes)(blendMode, 'lightWrapping.blendMode');
}

function checkVariant(value: unknown): void {
  oneOf('auto', ...variants)(value, 'variant');
  if (value !== 'auto' && !supports(value as Variant)) {
    throw new BackdropError(
      'unsupported',
      `this browser cannot run the variant '${String(value)}'`,
    );
  }
}

function checkThreads(value: unknown): void {
  if (value === 'auto') return;
  if (!Number.isInteger(value) || !isBetween(value, 1, 16)) {
    refuse('threads', value, `'auto' or a whole number from 1 to 16`);
  }
}

function checkTransport(value: unknown): void {
  oneOf('auto', 'window-streams', 'worker-streams', 'canvas')(value, 'transport');
  if (value !== 'auto' && !transports().includes(value as TransportName)) {
    throw new BackdropError('unsupported', `this browser has no '${String(value)}' transport`);
  }
}

const liveChecks: Record<keyof Options, Check> = {
  model: checkModel,
  background: checkBackground,
  coverage: checkCoverage,
  refinement: checkRefinement,
  lightWrapping: checkLightWrapping,
  sampling: oneOf('auto', 'gpu', 'cpu'),
  steadying: number(0, 1),
  motionGate: (value, option) => {
    if (typeof value !== 'boolean') refuse(option, value, 'true or false');
  },
  targetFps: number(1, 120),
  variant: checkVariant,
  threads: checkThreads,
  pipeline: oneOf('engine', 'webgl2', 'canvas2d'),
  maskBlur: number(0, 20),
};

const fixedChecks: Record<keyof FixedOptions, Check> = {
  transport: checkTransport,
  assets: (value, option) => {
    if (!(value instanceof URL) && typeof value !== 'string') refuse(option, value, 'an address');
  },
};

function check(given: object, checks: Record<string, Check>): void {
  for (const [option, value] of Object.entries(given)) {
    const known = Object.hasOwn(checks, option) ? checks[option] : undefined;
    if (!known) {
      const names = Object.keys(checks).join(', ');
      throw new BackdropError('argument', `there is no option '${option}'; there are ${names}`);
    }
    if (value !== undefined) known(value, option);
  }
}

/** Throws a BackdropError that names the option and says what it may be. */
export function checkOptions(options: Options & FixedOptions): void {
  checkModel((options as Partial<Options> | undefined)?.model);
  check(options, { ...liveChecks, ...fixedChecks });
}

/** The same, of what can be changed while frames flow. */
export function checkChanges(changes: Partial<Options>): void {
  check(changes, liveChecks);
}

/** The options that do not have to be waited for, ready to be handed to a Worker. */
export function settled({ background, model, ...changes }: Partial<Options>): Partial<Settings> {
  const settings: Partial<Settings> = { ...withoutUndefined(changes) };
  if (model) settings.model = { ...withoutUndefined(model), tflite: absolute(model.tflite) };
  if (background && !isToBeLoaded(background)) settings.background = background;
  return settings;
}

/** Whether the background has to be waited for. */
export function isToBeLoaded(
  background: BackgroundSource,
): background is Extract<BackgroundSource, { kind: 'image' | 'video' }> {
  return background.kind === 'image' || background.kind === 'video';
}

/** A Worker would take a relative address as relative to its own. */
function absolute(tflite: string | URL | Uint8Array): string | Uint8Array {
  return tflite instanceof Uint8Array ? tflite : new URL(tflite, document.baseURI).href;
}

function withoutUndefined<Given extends object>(given: Given): Given {
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as Given;
}
