import type { ModelOptions, OutputKind } from './engine/kinds.js';

/** A model as `@backdrop/web/catalogue` and `catalogue.json` describe it. */
export interface CatalogueEntry {
  id: string;
  title: string;
  /** What the network is good at, in English. */
  suits: string;
  file: string;
  /** The file's size. */
  bytes: number;
  /** In 64 lower-case hexadecimal digits. */
  sha256: string;
  /** In pixels, and the network's values for a black and a white sample. */
  input: { width: number; height: number; min: number; max: number };
  output: OutputKind;
  /** The classes that are a person, and the names of all classes, if the output has classes. */
  classes?: readonly number[];
  classNames?: readonly string[];
  licence: string;
  /** The npm package that the file is in, at `path`, or else the file's address. */
  source: { npm: string; version: string; path: string } | { url: string };
  /** Where the file itself can be fetched: `source.url`, or unpkg.com for an npm package. */
  url: string;
}

/** The options that the engine needs to load the model. */
export function modelOptions({
  input,
  output,
  classes,
}: Pick<CatalogueEntry, 'input' | 'output' | 'classes'>): ModelOptions {
  return { inputMin: input.min, inputMax: input.max, output, ...(classes && { classes }) };
}
