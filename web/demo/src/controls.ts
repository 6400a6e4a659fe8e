// Keeps the page's controls and the settings in step.
import { byIdOf } from './dom.js';
import { models } from './models.js';
import {
  asTheModelHasIt,
  frameRates,
  inputRanges,
  resolutions,
  threadCounts,
  type Key,
  type Settings,
  type SettingsStore,
} from './settings.js';
import {
  blendModeTitles,
  outputTitles,
  pipelineTitles,
  positionTitles,
  precisionTitles,
  rangeTitles,
  refinementTitles,
  samplingTitles,
  transportTitles,
  variantTitles,
} from './titles.js';
import {
  channelOrders,
  outputKinds,
  precisions,
  supports,
  transports,
  variants,
} from '@backdrop/web';

type Control = HTMLInputElement | HTMLSelectElement;

/** The texts of the sliders' values. */
const spoken: Partial<Record<Key, (value: number) => string>> = {
  strength: (value) => value.toFixed(1),
  low: (value) => value.toFixed(2),
  high: (value) => value.toFixed(2),
  steadying: (value) => `${Math.round(100 * value)} %`,
  maskBlur: (value) => `${value} px`,
  sigmaSpace: (value) => `${value.toFixed(1)} px`,
  sigmaColor: (value) => value.toFixed(2),
  lightWrapping: (value) => `${Math.round(100 * value)} %`,
};

const shortestRamp = 0.05;

/** Input sizes for networks that can be resized. */
const networkSizes = ['160x96', '256x144', '320x180', '384x216', '640x360'];

function fill(id: string, options: readonly (readonly [value: string, title: string])[]): void {
  const select = byIdOf(HTMLSelectElement, id);
  for (const [value, title] of options) select.add(new Option(title, value));
}

function fillAll(): void {
  fill(
    'model',
    models.map(({ id, title }) => [id, title]),
  );
  fill('size', [
    ['file', 'From the model'],
    ...networkSizes.map((size) => [size, size.replace('x', ' × ')] as const),
  ]);
  fill(
    'output',
    outputKinds.map((kind) => [kind, outputTitles[kind]]),
  );
  fill(
    'range',
    inputRanges.map((range) => [range, rangeTitles[range]]),
  );
  fill(
    'channelOrder',
    channelOrders.map((order) => [order, order.toUpperCase()]),
  );
  fill(
    'precision',
    precisions.map((precision) => [precision, precisionTitles[precision]]),
  );
  fill('position', Object.entries(positionTitles));
  fill('variant', [
    ['auto', 'Fastest'],
    ...variants.filter(supports).map((variant) => [variant, variantTitles[variant]] as const),
  ]);
  fill('threads', [['auto', 'Automatic'], ...threadCounts.map((count) => [count, count] as const)]);
  byIdOf(HTMLSelectElement, 'threads').disabled = !crossOriginIsolated;
  fill('pipeline', Object.entries(pipelineTitles));
  fill('sampling', Object.entries(samplingTitles));
  fill('refinement', Object.entries(refinementTitles));
  fill('blendMode', Object.entries(blendModeTitles));
  fill('transport', [
    ['auto', 'Automatic'],
    ...transports().map((name) => [name, transportTitles[name]] as const),
  ]);
  fill(
    'targetFps',
    frameRates.map((rate) => [rate, `${rate} a second`]),
  );
  fill(
    'resolution',
    resolutions.map((size) => [size, size.replace('x', ' × ')]),
  );
}

function valueOf(control: Control): string | number | boolean {
  if (!(control instanceof HTMLInputElement)) return control.value;
  if (control.type === 'checkbox') return control.checked;
  return control.type === 'range' || control.type === 'number'
    ? control.valueAsNumber
    : control.value;
}

function show(control: Control, value: Settings[Key]): void {
  if (control instanceof HTMLInputElement && control.type === 'radio') {
    control.checked = control.value === value;
  } else if (control instanceof HTMLInputElement && control.type === 'checkbox') {
    control.checked = value === true;
  } else if (control.value !== String(value)) {
    control.value = String(value);
  }
}

/** Adds what follows: a new model drops all overrides, and the coverage's ends push each other. */
function pushed(changes: Partial<Settings>, { low, high }: Settings): Partial<Settings> {
  if (changes.model !== undefined) return { ...asTheModelHasIt, ...changes };
  const round = (value: number) => Math.round(100 * value) / 100;
  if (changes.low !== undefined && changes.low >= high) {
    return { ...changes, high: round(changes.low + shortestRamp) };
  }
  if (changes.high !== undefined && changes.high <= low) {
    return { ...changes, low: round(changes.high - shortestRamp) };
  }
  return changes;
}

/** Binds every control to the setting of the same name. */
export function bindControls(store: SettingsStore): void {
  fillAll();
  const controls = [...document.querySelectorAll<Control>('input[name], select[name]')].filter(
    ({ name }) => name in store.current,
  );
  const showAll = () => {
    for (const control of controls) show(control, store.current[control.name as Key]);
    for (const [key, say] of Object.entries(spoken)) {
      byIdOf(HTMLOutputElement, `${key}-value`).value = say(store.current[key as Key] as number);
    }
  };
  for (const control of controls) {
    control.addEventListener('input', () => {
      if (!control.checkValidity()) return;
      const changes = { [control.name]: valueOf(control) } as Partial<Settings>;
      store.set(pushed(changes, store.current));
    });
  }
  store.on(showAll);
  showAll();
}
