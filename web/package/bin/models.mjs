// The catalogue of models, and where they are: installed, and in npm's packages.
import { createHash } from 'node:crypto';
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

/** The file's SHA-256 in hexadecimal digits, or undefined where there is no file. */
export function hashOf(path) {
  return existsSync(path)
    ? createHash('sha256').update(readFileSync(path)).digest('hex')
    : undefined;
}

/** The path of the model in its npm package. Throws if it is not the file that the catalogue describes. */
export function originalOf({ sha256, source }) {
  const path = fileURLToPath(new URL(`node_modules/${source.npm}/${source.path}`, root));
  if (hashOf(path) === sha256) return path;
  throw new Error(`${path} is missing, or not the file that the catalogue describes: run npm ci`);
}

/** The address of the model's file. unpkg.com serves what is published on npm, file by file. */
export function addressOf({ source: { npm, version, path, url } }) {
  return url ?? `https://unpkg.com/${npm}@${version}/${path}`;
}
