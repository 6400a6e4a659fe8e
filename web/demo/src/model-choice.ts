// The model that the settings choose, with their overrides of how it is planned, fed and read.
import type { ModelOptions, ModelSource } from '@backdrop/web';
import { models, ownId, type Model } from './models.js';
import type { Settings } from './settings.js';

export class ModelChoice {
  /** The model that was loaded from a file. */
  own: Model | undefined;

  chosen({ model }: Settings): Model {
    const found = model === ownId ? this.own : models.find(({ id }) => id === model);
    if (!found) throw new Error(`there is no model '${model}'`);
    return found;
  }

  /** The chosen model with the settings' overrides. */
  source(settings: Settings): ModelSource {
    return { ...this.chosen(settings).source, ...overrides(settings) };
  }

  all(): readonly Model[] {
    return this.own ? [...models, this.own] : models;
  }
}

function overrides({
  size,
  range,
  output,
  channelOrder,
  precision,
  classes,
}: Settings): ModelOptions {
  const options: ModelOptions = { channelOrder, precision };
  if (size !== 'file') {
    const [width = 0, height = 0] = size.split('x').map(Number);
    options.inputSize = { width, height };
  }
  if (range !== 'auto') [options.inputMin, options.inputMax] = inputRanges[range];
  if (output !== 'auto') options.output = output;
  if (classes !== '') options.classes = classes.split(',').map(Number);
  return options;
}

const inputRanges = { '0,1': [0, 1], '-1,1': [-1, 1] } as const;
