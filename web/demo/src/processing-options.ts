// The settings of the page as the package's options.
import type { Background, Options } from '@backdrop/web';
import type { Backgrounds } from './backgrounds.js';
import { models, sourceOf } from './models.js';
import type { Key, Settings } from './settings.js';

/** All that a picture is made with. The background's picture is decoded. */
export type ProcessingOptions = Required<Omit<Options, 'background'>> & {
  background: Background<ImageBitmap>;
};

type Name = keyof ProcessingOptions;

/** Which settings each option is made of. */
const parts: Record<Name, readonly Key[]> = {
  model: ['model'],
  background: ['background', 'strength', 'color'],
  coverage: ['low', 'high'],
  steadying: ['steadying'],
  motionGate: ['motionGate'],
  targetFps: ['targetFps'],
  variant: ['variant'],
  threads: ['threads'],
  pipeline: ['pipeline'],
  maskBlur: ['maskBlur'],
};

export function optionsOf(settings: Settings, backgrounds: Backgrounds): ProcessingOptions {
  const { low, high, steadying, motionGate, variant, pipeline, maskBlur } = settings;
  const model = models.find(({ id }) => id === settings.model);
  if (!model) throw new Error(`there is no model '${settings.model}'`);
  return {
    model: sourceOf(model),
    background: backgrounds.current(settings),
    coverage: { low, high },
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
