// What of a Backdrop's options is rejected, and a copy of those that are taken. Only the page loads this.
import { blendModes, channelOrders, limits, outputKinds, refinementKinds } from './engine/abi.js';
import type { Coverage, LightWrapping, Refinement } from './engine/kinds.js';
import { supports, variants, type Variant } from './engine/variant.js';
import { BackdropError } from './error.js';
import type { BackgroundSource, FixedOptions, Options } from './options.js';
import { describe, isBytes, isUrl, isVideoElement, isVideoTrack } from './recognize.js';
import type { ModelSource } from './settings.js';
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

function record<Fields>(checks: Checks<Fields>): Check<Fields> {
  return (value, option) => {
    const given = (value ?? {}) as Fields;
    const names = Object.keys(checks) as (keyof Fields & string)[];
    const fields = names
      .map((name) => [name, checks[name](given[name], `${option}.${name}`)] as const)
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

const model = record<ModelSource>({
  tflite: (value, option) => {
    const allowed = 'an address or a Uint8Array';
    if (isBytes(value)) return value;
    return addressOf(value, option, allowed) ?? reject(option, value, allowed);
  },
  inputMin: optional(numberIn(-1e6, 1e6)),
  inputMax: optional(numberIn(-1e6, 1e6)),
  output: optional(oneOf(...outputKinds)),
  channelOrder: optional(oneOf(...channelOrders)),
  inputSize: optional(
    record({
      width: wholeNumber(1, limits.largestInput),
      height: wholeNumber(1, limits.largestInput),
    }),
  ),
  classes: optional(classes),
});

type Fields<Kind extends BackgroundSource['kind']> = Omit<
  Extract<BackgroundSource, { kind: Kind }>,
  'kind'
>;

const backgrounds: { [Kind in BackgroundSource['kind']]: Check<Fields<Kind>> } = {
  none: () => ({}),
  transparent: () => ({}),
  blur: record({ strength: numberIn(limits.blurStrengthMin, limits.blurStrengthMax) }),
  color: record({ rgb: wholeNumber(0, 0xffffff) }),
  image: record({
    image: (value, option) => {
      const allowed = 'an address or a picture';
      const address = addressOf(value, option, allowed);
      if (address !== undefined) return address;
      if (typeof value !== 'object' || value === null) reject(option, value, allowed);
      return value as ImageBitmapSource;
    },
  }),
  video: record({
    video: (value, option) => {
      const allowed = 'an address, a video element or a video track';
      if (isVideoElement(value) || isVideoTrack(value)) return value;
      return addressOf(value, option, allowed) ?? reject(option, value, allowed);
    },
  }),
};

const background: Check<BackgroundSource> = (value, option) => {
  const { kind: given = '' } = (value ?? {}) as { kind?: unknown };
  const kinds = Object.keys(backgrounds) as BackgroundSource['kind'][];
  const kind = oneOf(...kinds)(given, `${option}.kind`);
  return { kind, ...backgrounds[kind](value, option) } as BackgroundSource;
};

const coverage: Check<Coverage> = (value, option) => {
  const { low, high } = record<Coverage>({ low: numberIn(0, 1), high: numberIn(0, 1) })(
    value,
    option,
  );
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

const liveChecks: Checks<Options> = {
  model,
  background,
  coverage,
  refinement: record<Refinement>({
    kind: oneOf(...refinementKinds),
    sigmaSpace: numberIn(limits.sigmaSpaceMin, limits.sigmaSpaceMax),
    sigmaColor: numberIn(limits.sigmaColorMin, limits.sigmaColorMax),
  }),
  lightWrapping: record<LightWrapping>({
    strength: numberIn(0, 1),
    blendMode: oneOf(...blendModes),
  }),
  sampling: oneOf('auto', 'gpu', 'cpu'),
  steadying: numberIn(0, 1),
  motionGate: (value, option) =>
    typeof value === 'boolean' ? value : reject(option, value, 'true or false'),
  targetFps: numberIn(1, 120),
  variant,
  threads,
  pipeline: oneOf('engine', 'webgl2', 'canvas2d'),
  maskBlur: numberIn(0, 20),
};

const fixedChecks: Checks<FixedOptions> = {
  transport,
  assets: (value, option) =>
    addressOf(value, option, 'an address') ?? reject(option, value, 'an address'),
};

function check(given: object, checks: Record<string, Check>): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [option, value] of Object.entries(given)) {
    const known = Object.hasOwn(checks, option) ? checks[option] : undefined;
    if (!known) {
      const names = Object.keys(checks).join(', ');
      const message = `there is no option ${describe(option)}; there are ${names}`;
      throw new BackdropError('argument', message);
    }
    if (value !== undefined) copy[option] = known(value, option);
  }
  return copy;
}

/**
 * A copy of the options, which a Worker can be given. Throws a BackdropError that names the option and
 * says what is allowed.
 */
export function checkOptions(options: Options & FixedOptions): Options & FixedOptions {
  model((options as Partial<Options> | undefined)?.model, 'model');
  return check(options, { ...liveChecks, ...fixedChecks }) as unknown as Options & FixedOptions;
}

/** The same for what can change while frames flow. */
export function checkChanges(changes: Partial<Options>): Partial<Options> {
  return check(changes, { ...liveChecks });
}
