// The catalogue of models and where they are installed.
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = new URL('../../../', import.meta.url);
const folders = process.env.BACKDROP_MODELS
  ? process.env.BACKDROP_MODELS.split(delimiter)
  : ['build/models', '../shared/models'].map((folder) => fileURLToPath(new URL(folder, root)));

export const { models } = JSON.parse(readFileSync(new URL('catalogue/models.json', root), 'utf8'));

/** The path of the catalogue's model, or undefined where it is not installed. */
export function pathOf({ file }) {
  return folders.map((folder) => join(folder, file)).find((path) => existsSync(path));
}
