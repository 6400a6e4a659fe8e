// What of a Backdrop's options is rejected, and a copy, in full, of those that are taken. Only the page
// loads this.
import {
  blendModes,
  channelOrders,
  fits,
  limits,
  outputKinds,
  precisions,
  refinementKinds,
} from './engine/abi.js';
import { isCssColor, rgbOf } from './css-color.js';
import type { Coverage, LightWrapping, Refinement } from './engine/kinds.js';
import { usualPlacement, type Placement } from './engine/placement.js';
import { supports, variants, type Variant } from './engine/variant.js';
import { BackdropError } from './error.js';
import type { CheckedOptions, FixedOptions, LoadableBackground, Options } from './options.js';
import { describe, isBytes, isUrl, isVideoElement, isVideoTrack } from './recognize.js';
import { defaults, type ModelSource } from './settings.js';
import { transports, type TransportName } from './transport/detect.js';

function reject(option: string, value: unknown, allowed: string): never {
  const message = `${option} is ${describe(value)}, where ${allowed} is allowed`;
  throw new BackdropError('argument', message);
}

/**
 * Returns the value, without what is not known of it: an option may be a Proxy, as those of reactive
 * frameworks are, which no Worker can be given.
 */
type Check<Value = unknown> = (value: unknown, option: string) => Value;

type Checks<Fields> = { [Name in keyof Fields]-?: Check<Fields[Name]> };

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isBetween(value: unknown, low: number, high: number): value is number {
  return typeof value === 'number' && value >= low && value <= high;
}

function numberIn(low: number, high: number): Check<number> {
  return (value, option) =>
    isBetween(value, low, high) ? value : reject(option, value, `a number from ${low} to ${high}`);
}

function wholeNumber(low: number, high: number): Check<number> {
  return (value, option) =>
    Number.isInteger(value) && isBetween(value, low, high)
      ? value
      : reject(option, value, `a whole number from ${low} to ${high}`);
}

function oneOf<Allowed extends string>(...allowed: readonly Allowed[]): Check<Allowed> {
  return (value, option) =>
    allowed.find((each) => each === value) ?? reject(option, value, `one of ${allowed.join(', ')}`);
}

function optional<Value>(check: Check<Value>): Check<Value | undefined> {
  return (value, option) => (value === undefined ? undefined : check(value, option));
}

/** @param usual the fields' defaults */
function record<Fields>(checks: Checks<Fields>, usual: Partial<Fields> = {}): Check<Fields> {
  return (value, option) => {
    const given = isRecord(value) ? (value as Fields) : reject(option, value, 'an object');
    const names = Object.keys(checks) as (keyof Fields & string)[];
    const fields = names
      .map((name) => [name, checks[name](given[name] ?? usual[name], `${option}.${name}`)] as const)
      .filter(([, field]) => field !== undefined);
    return Object.fromEntries(fields) as Fields;
  };
}

/** The absolute address: a Worker resolves a relative one against its own. */
function addressOf(value: unknown, option: string, allowed: string): string | undefined {
  if (typeof value !== 'string' && !isUrl(value)) return undefined;
  const address = String(value);
  try {
    return address === ''
      ? reject(option, address, allowed)
      : new URL(address, document.baseURI).href;
  } catch {
    // The address may hold a secret.
    throw new BackdropError('argument', `${option} is no address, where ${allowed} is allowed`);
  }
}

const classes: Check<readonly number[]> = (value, option) => {
  if (!Array.isArray(value) || value.length === 0) {
    reject(option, value, 'a list of at least one class');
  }
  return Array.from(value, (each) => wholeNumber(0, limits.mostClasses - 1)(each, option));
};

const colors: Check<readonly number[]> = (value, option) => {
  if (!Array.isArray(value) || value.length !== 3) reject(option, value, 'a list of three numbers');
  return Array.from(value, (each) => numberIn(-1e6, 1e6)(each, option));
};

const modelFields = record<ModelSource>({
  tflite: optional((value, option) => {
    const allowed = 'an address or a Uint8Array';
    if (isBytes(value)) return value;
    return addressOf(value, option, allowed) ?? reject(option, value, allowed);
  }),
  inputMin: optional(numberIn(-1e6, 1e6)),
  inputMax: optional(numberIn(-1e6, 1e6)),
  inputMean: optional(colors),
  inputDeviation: optional(colors),
  outputName: optional((value, option) =>
    typeof value === 'string' ? value : reject(option, value, 'a name'),
  ),
  output: optional(oneOf(...outputKinds)),
  channelOrder: optional(oneOf(...channelOrders)),
  precision: optional(oneOf(...precisions)),
  inputSize: optional(
    record({
      width: wholeNumber(1, limits.largestInput),
      height: wholeNumber(1, limits.largestInput),
    }),
  ),
  classes: optional(classes),
});

const model: Check<ModelSource> = (value, option) => {
  const isFile = typeof value === 'string' || isUrl(value) || isBytes(value);
  return modelFields(isFile ? { tflite: value } : value, option);
};

type Kind = LoadableBackground['kind'];
type Fields<Each extends Kind> = Omit<Extract<LoadableBackground, { kind: Each }>, 'kind'>;

const rgb = wholeNumber(0, 0xffffff);

const cssColor: Check<number> = (value, option) =>
  (isCssColor(value) ? rgbOf(value) : undefined) ?? reject(option, value, 'an opaque CSS color');

const flag: Check<boolean> = (value, option) =>
  typeof value === 'boolean' ? value : reject(option, value, 'true or false');

const across: Record<string, number> = { left: 0, center: 0.5, right: 1 };
const down: Record<string, number> = { top: 0, center: 0.5, bottom: 1 };

/** The shares that one or two of the words stand for, in any order. */
function sharesOf(text: string): [number, number] | undefined {
  const [first = '', second = 'center', ...more] = text.trim().toLowerCase().split(/\s+/);
  const orders = [
    [across[first], down[second]],
    [across[second], down[first]],
  ];
  const found = orders.find((shares) => !shares.includes(undefined));
  return more.length === 0 ? (found as [number, number] | undefined) : undefined;
}

const position: Check<Placement['position']> = (value, option) => {
  const shares = typeof value === 'string' ? sharesOf(value) : value;
  if (!Array.isArray(shares) || shares.length !== 2) {
    reject(option, value, `'center', two words such as 'top left', or a list of x and y,`);
  }
  const [x, y] = shares as unknown[];
  return [numberIn(0, 1)(x, option), numberIn(0, 1)(y, option)];
};

const hexadecimal: Check<string> = (value, option) =>
  value === usualPlacement.color
    ? value
    : `#${cssColor(value, option).toString(16).padStart(6, '0')}`;

const placement: Checks<Placement> = {
  fit: oneOf(...fits),
  position,
  mirror: flag,
  color: hexadecimal,
};

function placed<Fields>(checks: Checks<Fields>): Check<Fields & Placement> {
  return record<Fields & Placement>(
    { ...checks, ...placement } as Checks<Fields & Placement>,
    usualPlacement as Partial<Fields & Placement>,
  );
}

const backgrounds: { [Each in Kind]: Check<Fields<Each>> } = {
  none: () => ({}),
  transparent: () => ({}),
  blur: record(
    { strength: numberIn(limits.blurStrengthMin, limits.blurStrengthMax) },
    { strength: limits.blurStrengthDefault },
  ),
  color: (value, option) => {
    const given = value as { color?: unknown; rgb?: unknown };
    return {
      rgb:
        given.color === undefined
          ? rgb(given.rgb, `${option}.rgb`)
          : cssColor(given.color, `${option}.color`),
    };
  },
  image: placed<{ image: string | ImageBitmapSource }>({
    image: (value, option) => {
      const allowed = 'an address or a picture';
      const address = addressOf(value, option, allowed);
      if (address !== undefined) return address;
      if (typeof value !== 'object' || value === null) reject(option, value, allowed);
      return value as ImageBitmapSource;
    },
  }),
  video: placed<{ video: string | HTMLVideoElement | MediaStreamTrack }>({
    video: (value, option) => {
      const allowed = 'an address, a video element or a video track';
      if (isVideoElement(value) || isVideoTrack(value)) return value;
      return addressOf(value, option, allowed) ?? reject(option, value, allowed);
    },
  }),
};

/** What a short form stands for. */
function unabridged(value: unknown): unknown {
  if (isUrl(value)) return { kind: 'image', image: value };
  if (typeof value !== 'string') return value;
  if (Object.hasOwn(backgrounds, value)) return { kind: value };
  return isCssColor(value) ? { kind: 'color', color: value } : { kind: 'image', image: value };
}

const background: Check<LoadableBackground> = (value, option) => {
  const whole = unabridged(value);
  const { kind: given = '' } = isRecord(whole) ? whole : {};
  const kind = oneOf(...(Object.keys(backgrounds) as Kind[]))(given, `${option}.kind`);
  return { kind, ...backgrounds[kind](whole, option) } as LoadableBackground;
};

const coverageFields = record<Coverage>(
  { low: numberIn(0, 1), high: numberIn(0, 1) },
  defaults.coverage,
);

const coverage: Check<Coverage> = (value, option) => {
  const { low, high } = coverageFields(value, option);
  if (low >= high) reject(`${option}.low`, low, `less than coverage.high, ${high},`);
  return { low, high };
};

const variant: Check<Variant | 'auto'> = (value, option) => {
  const name = oneOf('auto', ...variants)(value, option);
  if (name === 'auto' || supports(name)) return name;
  throw new BackdropError('unsupported', `this browser cannot run the variant '${name}'`);
};

const threads: Check<number | 'auto'> = (value, option) =>
  value === 'auto' || (Number.isInteger(value) && isBetween(value, 1, 16))
    ? value
    : reject(option, value, `'auto' or a whole number from 1 to 16`);

const transport: Check<TransportName | 'auto'> = (value, option) => {
  const name = oneOf('auto', 'window-streams', 'worker-streams', 'canvas')(value, option);
  if (name === 'auto' || transports().includes(name)) return name;
  throw new BackdropError('unsupported', `this browser has no '${name}' transport`);
};

const refinementFields = record<Refinement>(
  {
    kind: oneOf(...refinementKinds),
    sigmaSpace: numberIn(limits.sigmaSpaceMin, limits.sigmaSpaceMax),
    sigmaColor: numberIn(limits.sigmaColorMin, limits.sigmaColorMax),
  },
  { sigmaSpace: limits.sigmaSpaceDefault, sigmaColor: limits.sigmaColorDefault },
);

const liveChecks: Checks<CheckedOptions> = {
  model,
  background,
  coverage,
  refinement: (value, option) => (value === 'auto' ? value : refinementFields(value, option)),
  lightWrapping: record<LightWrapping>(
    { strength: numberIn(0, 1), blendMode: oneOf(...blendModes) },
    defaults.lightWrapping,
  ),
  sampling: oneOf('auto', 'gpu', 'cpu'),
  steadying: numberIn(0, 1),
  motionGate: flag,
  personCrop: flag,
  learnedRoom: flag,
  onlyFront: flag,
  despeckling: flag,
  targetFps: numberIn(1, 120),
  variant,
  threads,
  pipeline: oneOf('engine', 'webgl2', 'canvas2d'),
  maskBlur: numberIn(0, 20),
};

/** FixedOptions that were checked. */
export interface CheckedFixedOptions {
  transport: TransportName | 'auto';
  assets: string | undefined;
}

const fixedDefaults: CheckedFixedOptions = { transport: 'auto', assets: undefined };

const fixedChecks: Checks<CheckedFixedOptions> = {
  transport,
  assets: (value, option) =>
    addressOf(value, option, 'an address') ?? reject(option, value, 'an address'),
};

function check(
  given: unknown,
  checks: Record<string, Check>,
  usual: Record<string, unknown>,
): Record<string, unknown> {
  if (!isRecord(given)) reject('the argument', given, 'an object with options');
  const copy: Record<string, unknown> = {};
  for (const [option, value] of Object.entries(given)) {
    const known = Object.hasOwn(checks, option) ? checks[option] : undefined;
    if (!known) {
      const names = Object.keys(checks).join(', ');
      const message = `there is no option ${describe(option)}; there are ${names}`;
      throw new BackdropError('argument', message);
    }
    copy[option] = value === undefined ? usual[option] : known(value, option);
  }
  return copy;
}

/**
 * All options, as copies that a Worker can be given. Throws a BackdropError that names the option and
 * says what is allowed.
 */
export function checkOptions(
  options: Options & FixedOptions,
): Required<CheckedOptions> & CheckedFixedOptions {
  const usual = { ...defaults, ...fixedDefaults };
  const given = check(options, { ...liveChecks, ...fixedChecks }, usual);
  return { ...usual, ...given };
}

/** The same for what changes while frames flow. */
export function checkChanges(changes: Options): CheckedOptions {
  return check(changes, { ...liveChecks }, { ...defaults });
}
