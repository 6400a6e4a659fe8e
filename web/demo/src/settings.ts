// The page's settings. They are kept in the address, so that a link shows the same view, and in
// localStorage, so that the next visit starts with them.
import {
  blendModes,
  channelOrders,
  outputKinds,
  precisions,
  refinementKinds,
  supports,
  transports,
  variants,
  type ChannelOrder,
  type LightWrapping,
  type OutputKind,
  type PipelineName,
  type Precision,
  type Refinement,
  type Sampling,
  type TransportName,
  type Variant,
} from '@backdrop/web';
import { models, ownId } from './models.js';
import { scenes, type SceneId } from './scenes.js';

interface Field<Value> {
  initial: Value;
  /** Returns undefined for a value that is invalid or can't be part of a link. */
  parse: (text: string) => Value | undefined;
}

function choice<Value extends string>(
  initial: NoInfer<Value>,
  values: readonly Value[],
): Field<Value> {
  return { initial, parse: (text) => values.find((value) => value === text) };
}

function number(initial: number, low: number, high: number): Field<number> {
  return {
    initial,
    parse: (text) => {
      const value = text.trim() === '' ? NaN : Number(text);
      return value >= low && value <= high ? value : undefined;
    },
  };
}

function pattern(initial: string, allowed: RegExp): Field<string> {
  return { initial, parse: (text) => (allowed.test(text) ? text : undefined) };
}

function flag(initial: boolean): Field<boolean> {
  return {
    initial,
    parse: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  };
}

/** `auto` is the pipeline's default. */
export type RefinementChoice = 'auto' | Refinement['kind'];

export const inputRanges = ['auto', '0,1', '-1,1'] as const;

export type SourceName = 'portrait' | 'camera' | 'none' | 'file';

export const resolutions = ['640x360', '640x480', '1280x720', '1920x1080'] as const;
export const frameRates = ['15', '24', '30', '60'] as const;
export const threadCounts = ['1', '2', '4', '8'].filter(
  (count) => Number(count) <= navigator.hardwareConcurrency,
);

const plainBackgrounds = ['none', 'blur', 'color', 'transparent'] as const;

/** Whether the background is neither a picture nor a video. */
export const isPlain = (background: string): boolean =>
  plainBackgrounds.some((each) => each === background);

const linkedBackgrounds = [...plainBackgrounds, ...scenes.map(({ id }) => id)];

/** `own` and `own-video` come from files, which no link contains. */
type BackgroundName = (typeof plainBackgrounds)[number] | SceneId | 'own' | 'own-video';

export const initialBackground = 'dunes';

const fits = ['cover', 'contain'] as const;

/** The shares of a picture's width and height, and of the frame's, that lie on each other. */
export const positions = {
  center: [0.5, 0.5],
  top: [0.5, 0],
  bottom: [0.5, 1],
  left: [0, 0.5],
  right: [1, 0.5],
  'top left': [0, 0],
  'top right': [1, 0],
  'bottom left': [0, 1],
  'bottom right': [1, 1],
} as const;

export type Position = keyof typeof positions;

const fields = {
  source: choice<SourceName>('portrait', ['portrait', 'camera', 'none']),
  camera: pattern('', /^/),
  resolution: choice('1280x720', resolutions),
  background: choice<BackgroundName>(initialBackground, linkedBackgrounds),
  strength: number(2.5, 0.5, 8),
  fit: choice('cover', fits),
  position: choice<Position>('center', Object.keys(positions) as Position[]),
  color: pattern('#2f6f5e', /^#[0-9a-f]{6}$/),
  model: choice<string>(
    models[0]?.id ?? '',
    models.map(({ id }) => id),
  ),
  size: pattern('file', /^[1-9]\d{0,3}x[1-9]\d{0,3}$/),
  range: choice('auto', inputRanges),
  output: choice<OutputKind>('auto', outputKinds),
  channelOrder: choice<ChannelOrder>('rgb', channelOrders),
  precision: choice<Precision>('auto', precisions),
  classes: pattern('', /^\d{1,3}(,\d{1,3})*$/),
  variant: choice<Variant | 'auto'>('auto', ['auto', ...variants.filter(supports)]),
  threads: choice<string>('auto', ['auto', ...(crossOriginIsolated ? threadCounts : [])]),
  pipeline: choice<PipelineName>('engine', ['engine', 'webgl2', 'canvas2d']),
  sampling: choice<Sampling>('auto', ['auto', 'gpu', 'cpu']),
  transport: choice<TransportName | 'auto'>('auto', ['auto', ...transports()]),
  targetFps: choice('30', frameRates),
  low: number(0.4, 0, 0.95),
  high: number(0.8, 0.05, 1),
  refinement: choice<RefinementChoice>('auto', ['auto', ...refinementKinds]),
  sigmaSpace: number(1, 0.1, 10),
  sigmaColor: number(0.1, 0.001, 1),
  lightWrapping: number(0.3, 0, 1),
  blendMode: choice<LightWrapping['blendMode']>('screen', blendModes),
  steadying: number(0.9, 0, 1),
  motionGate: flag(true),
  personCrop: flag(true),
  learnedRoom: flag(true),
  onlyFront: flag(false),
  despeckling: flag(true),
  maskBlur: number(4, 0, 20),
  mirror: flag(true),
  view: choice('compare', ['compare', 'result']),
  split: number(35, 0, 100),
  frames: number(30, 1, 300),
  theme: choice('auto', ['auto', 'light', 'dark']),
};

type Value<Of> = Of extends Field<infer Kind> ? Kind : never;
export type Settings = { [Key in keyof typeof fields]: Value<(typeof fields)[Key]> };
export type Key = keyof Settings;

const keys = Object.keys(fields) as Key[];

/** The settings that make up a `ModelSource`. */
export const modelKeys = [
  'model',
  'size',
  'range',
  'output',
  'channelOrder',
  'precision',
  'classes',
] as const;

/** No overrides: every value is the model's own. */
export const asTheModelHasIt = {
  size: fields.size.initial,
  range: fields.range.initial,
  output: fields.output.initial,
  channelOrder: fields.channelOrder.initial,
  precision: fields.precision.initial,
  classes: fields.classes.initial,
};
const storageName = 'backdrop';

/** Settings of this browser, which no link contains. */
const unlinked: readonly Key[] = ['camera', 'theme'];

function parse(text: string): Partial<Settings> {
  const found = new URLSearchParams(text);
  const entries = keys.map((key) => [key, fields[key].parse(found.get(key) ?? '')]);
  return Object.fromEntries(
    entries.filter(([key, value]) => found.has(key as Key) && value !== undefined),
  ) as Partial<Settings>;
}

function format(given: Settings, wanted: readonly Key[]): string {
  // The overrides of a model from a file can't be linked, because the model can't.
  const settings = given.model === ownId ? { ...given, ...asTheModelHasIt } : given;
  const told = wanted.filter((key) => {
    const text = String(settings[key]);
    return settings[key] !== fields[key].initial && fields[key].parse(text) !== undefined;
  });
  return new URLSearchParams(told.map((key) => [key, String(settings[key])])).toString();
}

function only(settings: Partial<Settings>, wanted: readonly Key[]): Partial<Settings> {
  return Object.fromEntries(
    Object.entries(settings).filter(([key]) => wanted.includes(key as Key)),
  );
}

/** Undefined where the browser denies the page its storage. */
function storage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

/** An address with settings is a whole view: only unlinked settings are then read from storage. */
function read(): Settings {
  const initial = Object.fromEntries(keys.map((key) => [key, fields[key].initial])) as Settings;
  const linked = parse(location.hash.slice(1));
  const stored = parse(storage()?.getItem(storageName) ?? '');
  const isLink = Object.keys(linked).length > 0;
  return ordered({ ...initial, ...(isLink ? only(stored, unlinked) : stored), ...linked });
}

/** Falls back to the default coverage when its lower end is not below its upper end. */
function ordered(settings: Settings): Settings {
  if (settings.low < settings.high) return settings;
  return { ...settings, low: fields.low.initial, high: fields.high.initial };
}

const saveAfterMilliseconds = 150;

export class SettingsStore {
  current = read();

  private readonly listeners: ((changed: ReadonlySet<Key>) => void)[] = [];
  private saving: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    addEventListener('hashchange', () => this.set(read()));
    this.save();
  }

  /** Calls the listener after each change with the keys that have changed. */
  on(listener: (changed: ReadonlySet<Key>) => void): void {
    this.listeners.push(listener);
  }

  set(changes: Partial<Settings>): void {
    const changed = keys.filter((key) => key in changes && changes[key] !== this.current[key]);
    if (changed.length === 0) return;
    this.current = { ...this.current, ...changes };
    // Browsers limit how often a page may change its address.
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.save(), saveAfterMilliseconds);
    for (const listener of this.listeners) listener(new Set(changed));
  }

  /** A link to the present settings. */
  link(): string {
    const link = new URL(this.address());
    // An address without settings shows those that are stored where it is opened.
    link.hash ||= `view=${this.current.view}`;
    return link.href;
  }

  /** The page's address with the present settings. */
  private address(): string {
    const address = new URL(location.href);
    address.hash = format(
      this.current,
      keys.filter((key) => !unlinked.includes(key)),
    );
    return address.href;
  }

  private save(): void {
    storage()?.setItem(storageName, format(this.current, keys));
    history.replaceState(null, '', this.address());
  }
}
