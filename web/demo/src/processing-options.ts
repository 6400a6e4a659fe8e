// The settings of the page as the package's options.
import type { Options, Refinement } from '@backdrop/web';
import type { Backgrounds } from './backgrounds.js';
import type { LoadedBackground } from './loaded-background.js';
import type { ModelChoice } from './model-choice.js';
import { modelKeys, type Key, type Settings } from './settings.js';

/** All that a picture is made with. */
export type ProcessingOptions = Required<Omit<Options, 'background'>> & {
  background: LoadedBackground;
};

type Name = keyof ProcessingOptions;

/** Which settings each option is made of. */
const parts: Record<Name, readonly Key[]> = {
  model: modelKeys,
  background: ['background', 'strength', 'color'],
  coverage: ['low', 'high'],
  refinement: ['refinement', 'sigmaSpace', 'sigmaColor', 'pipeline'],
  lightWrapping: ['lightWrapping', 'blendMode'],
  sampling: ['sampling'],
  steadying: ['steadying'],
  motionGate: ['motionGate'],
  targetFps: ['targetFps'],
  variant: ['variant'],
  threads: ['threads'],
  pipeline: ['pipeline'],
  maskBlur: ['maskBlur'],
};

/** The filter that is chosen; the package's own choice where it is left open. */
export function refinementOf(settings: Settings): Refinement {
  const { refinement, sigmaSpace, sigmaColor, pipeline } = settings;
  const usual = pipeline === 'webgl2' ? 'bilateral-separable' : 'none';
  return { kind: refinement === 'auto' ? usual : refinement, sigmaSpace, sigmaColor };
}

export function optionsOf(
  settings: Settings,
  models: ModelChoice,
  backgrounds: Backgrounds,
): ProcessingOptions {
  const { low, high, steadying, motionGate, variant, pipeline, maskBlur, sampling } = settings;
  return {
    model: models.source(settings),
    background: backgrounds.current(settings),
    coverage: { low, high },
    refinement: refinementOf(settings),
    lightWrapping: { strength: settings.lightWrapping, blendMode: settings.blendMode },
    sampling,
    targetFps: Number(settings.targetFps),
    threads: settings.threads === 'auto' ? 'auto' : Number(settings.threads),
    steadying,
    motionGate,
    variant,
    pipeline,
    maskBlur,
  };
}

/** Those of the options that these settings are parts of. */
export function changesOf(
  options: ProcessingOptions,
  changed: ReadonlySet<Key>,
): Partial<ProcessingOptions> {
  const names = (Object.keys(parts) as Name[]).filter((name) =>
    parts[name].some((key) => changed.has(key)),
  );
  return Object.fromEntries(names.map((name) => [name, options[name]]));
}
