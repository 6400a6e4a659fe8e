import type { ModelOptions, OutputKind } from './engine/kinds.js';

/** A model as `catalogue.json` describes it. */
export interface CatalogueEntry {
  id: string;
  title: string;
  file: string;
  sha256: string;
  input: { width: number; height: number; min: number; max: number };
  output: OutputKind;
  /** The classes that are a person, and the names of all classes, if the output has classes. */
  classes?: readonly number[];
  classNames?: readonly string[];
  licence: string;
}

/** The options that the engine needs to load the model. */
export function modelOptions({ input, output, classes }: CatalogueEntry): ModelOptions {
  return { inputMin: input.min, inputMax: input.max, output, ...(classes && { classes }) };
}
