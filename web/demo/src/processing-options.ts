// Translates the page's settings into the package's options.
import type { Adjustments, Refinement, Setup } from '@backdrop/web';
import type { Backgrounds } from './backgrounds.js';
import type { LoadedBackground } from './loaded-background.js';
import type { ModelChoice } from './model-choice.js';
import { modelKeys, type Key, type Settings } from './settings.js';

/** The options of one picture or of a stream, with the background decoded. */
export type ProcessingOptions = Setup &
  Omit<Adjustments, 'background'> & { background: LoadedBackground; targetFps: number };

type Name = keyof ProcessingOptions;

/** The settings from which each option is made. */
const parts: Record<Name, readonly Key[]> = {
  model: modelKeys,
  background: ['background', 'strength', 'color', 'fit', 'position'],
  coverage: ['low', 'high'],
  refinement: ['refinement', 'sigmaSpace', 'sigmaColor', 'pipeline'],
  lightWrapping: ['lightWrapping', 'blendMode'],
  sampling: ['sampling'],
  steadying: ['steadying'],
  motionGate: ['motionGate'],
  personCrop: ['personCrop'],
  learnedRoom: ['learnedRoom'],
  onlyFront: ['onlyFront'],
  despeckling: ['despeckling'],
  targetFps: ['targetFps'],
  variant: ['variant'],
  threads: ['threads'],
  pipeline: ['pipeline'],
  maskBlur: ['maskBlur'],
};

/** The chosen filter; `auto` is the package's default for the pipeline. */
export function refinementOf(settings: Settings): Refinement {
  const { refinement, sigmaSpace, sigmaColor, pipeline } = settings;
  const usual = pipeline === 'webgl2' ? 'bilateral-separable' : 'guided';
  return { kind: refinement === 'auto' ? usual : refinement, sigmaSpace, sigmaColor };
}

export function optionsOf(
  settings: Settings,
  models: ModelChoice,
  backgrounds: Backgrounds,
): ProcessingOptions {
  return {
    model: models.source(settings),
    background: backgrounds.current(settings),
    coverage: { low: settings.low, high: settings.high },
    refinement: refinementOf(settings),
    lightWrapping: { strength: settings.lightWrapping, blendMode: settings.blendMode },
    sampling: settings.sampling,
    targetFps: Number(settings.targetFps),
    threads: settings.threads === 'auto' ? 'auto' : Number(settings.threads),
    steadying: settings.steadying,
    motionGate: settings.motionGate,
    personCrop: settings.personCrop,
    learnedRoom: settings.learnedRoom,
    onlyFront: settings.onlyFront,
    despeckling: settings.despeckling,
    variant: settings.variant,
    pipeline: settings.pipeline,
    maskBlur: settings.maskBlur,
  };
}

/** The options that depend on these settings. */
export function changesOf(
  options: ProcessingOptions,
  changed: ReadonlySet<Key>,
): Partial<ProcessingOptions> {
  const names = (Object.keys(parts) as Name[]).filter((name) =>
    parts[name].some((key) => changed.has(key)),
  );
  return Object.fromEntries(names.map((name) => [name, options[name]]));
}
