// What of a Backdrop's options is rejected. Only the page loads this.
import { blendModes, channelOrders, limits, outputKinds, refinementKinds } from './engine/abi.js';
import type { Coverage, LightWrapping, ModelOptions, Refinement } from './engine/kinds.js';
import { supports, variants, type Variant } from './engine/variant.js';
import { BackdropError } from './error.js';
import type { BackgroundSource, FixedOptions, Options } from './options.js';
import type { ModelSource } from './settings.js';
import { transports, type TransportName } from './transport/detect.js';

function reject(option: string, value: unknown, allowed: string): never {
  const given = typeof value === 'string' ? `'${value}'` : String(value);
  throw new BackdropError('argument', `${option} is ${given}, where ${allowed} is allowed`);
}

function isBetween(value: unknown, low: number, high: number): boolean {
  return typeof value === 'number' && value >= low && value <= high;
}

type Check = (value: unknown, option: string) => void;

function numberIn(low: number, high: number): Check {
  return (value, option) => {
    if (!isBetween(value, low, high)) reject(option, value, `a number from ${low} to ${high}`);
  };
}

function oneOf(...allowed: readonly string[]): Check {
  return (value, option) => {
    if (!allowed.includes(value as string)) reject(option, value, `one of ${allowed.join(', ')}`);
  };
}

function wholeNumber(low: number, high: number): Check {
  return (value, option) => {
    if (!Number.isInteger(value) || !isBetween(value, low, high)) {
      reject(option, value, `a whole number from ${low} to ${high}`);
    }
  };
}

function checkClasses(value: unknown, option: string): void {
  if (!Array.isArray(value) || value.length === 0) {
    reject(option, value, 'a list of at least one class');
  }
  for (const each of value) wholeNumber(0, limits.mostClasses - 1)(each, option);
}

function checkSize(value: unknown, option: string): void {
  const { width, height } = (value ?? {}) as { width?: unknown; height?: unknown };
  wholeNumber(1, limits.largestInput)(width, `${option}.width`);
  wholeNumber(1, limits.largestInput)(height, `${option}.height`);
}

const modelChecks: Record<keyof ModelOptions, Check> = {
  inputMin: numberIn(-1e6, 1e6),
  inputMax: numberIn(-1e6, 1e6),
  output: oneOf(...outputKinds),
  channelOrder: oneOf(...channelOrders),
  inputSize: checkSize,
  classes: checkClasses,
};

function checkModel(value: unknown): void {
  const { tflite, ...options } = (value ?? {}) as Partial<ModelSource>;
  const isAddress = (typeof tflite === 'string' && tflite !== '') || tflite instanceof URL;
  if (!isAddress && !(tflite instanceof Uint8Array)) {
    reject('model.tflite', tflite, 'an address or a Uint8Array');
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
    numberIn(limits.blurStrengthMin, limits.blurStrengthMax)(strength, 'background.strength');
  },
  color: ({ rgb }: { rgb: unknown }) => {
    wholeNumber(0, 0xffffff)(rgb, 'background.rgb');
  },
  image: ({ image }: { image: unknown }) => {
    if (typeof image === 'string' ? image === '' : !(image instanceof Object)) {
      reject('background.image', image, 'an address or a picture');
    }
  },
  video: ({ video }: { video: unknown }) => {
    const isAddress = (typeof video === 'string' && video !== '') || video instanceof URL;
    if (isAddress || video instanceof HTMLVideoElement) return;
    if (!(video instanceof MediaStreamTrack && video.kind === 'video')) {
      reject('background.video', video, 'an address, a video element or a video track');
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
  numberIn(0, 1)(low, 'coverage.low');
  numberIn(0, 1)(high, 'coverage.high');
  if (Number(low) >= Number(high)) reject('coverage.low', low, `less than coverage.high, ${high},`);
}

function checkRefinement(value: unknown): void {
  const { kind, sigmaSpace, sigmaColor } = (value ?? {}) as Partial<Refinement>;
  oneOf(...refinementKinds)(kind, 'refinement.kind');
  numberIn(limits.sigmaSpaceMin, limits.sigmaSpaceMax)(sigmaSpace, 'refinement.sigmaSpace');
  numberIn(limits.sigmaColorMin, limits.sigmaColorMax)(sigmaColor, 'refinement.sigmaColor');
}

function checkLightWrapping(value: unknown): void {
  const { strength, blendMode } = (value ?? {}) as Partial<LightWrapping>;
  numberIn(0, 1)(strength, 'lightWrapping.strength');
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
    reject('threads', value, `'auto' or a whole number from 1 to 16`);
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
  steadying: numberIn(0, 1),
  motionGate: (value, option) => {
    if (typeof value !== 'boolean') reject(option, value, 'true or false');
  },
  targetFps: numberIn(1, 120),
  variant: checkVariant,
  threads: checkThreads,
  pipeline: oneOf('engine', 'webgl2', 'canvas2d'),
  maskBlur: numberIn(0, 20),
};

const fixedChecks: Record<keyof FixedOptions, Check> = {
  transport: checkTransport,
  assets: (value, option) => {
    if (!(value instanceof URL) && typeof value !== 'string') reject(option, value, 'an address');
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

/** Throws a BackdropError that names the option and says what is allowed. */
export function checkOptions(options: Options & FixedOptions): void {
  checkModel((options as Partial<Options> | undefined)?.model);
  check(options, { ...liveChecks, ...fixedChecks });
}

/** The same for what can change while frames flow. */
export function checkChanges(changes: Partial<Options>): void {
  check(changes, liveChecks);
}
