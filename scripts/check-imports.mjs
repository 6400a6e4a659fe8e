// Fails when files of the web package or of the page import each other in a circle, by values or by
// types. ESLint's import/no-cycle lets circles of types pass.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import typescript from 'typescript';

const roots = process.argv.length > 2 ? process.argv.slice(2) : ['web/package/src', 'web/demo/src'];

function importsOf(file) {
  const { importedFiles } = typescript.preProcessFile(readFileSync(file, 'utf8'));
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => path.join(path.dirname(file), fileName.replace(/\.js$/, '.ts')))
    .filter((imported) => existsSync(imported));
}

const finished = new Set();

/** The first circle on a way of imports that begins with `way`. */
function circleFrom(way) {
  const file = way.at(-1);
  if (way.indexOf(file) < way.length - 1) return way.slice(way.indexOf(file));
  if (finished.has(file)) return undefined;
  for (const imported of importsOf(file)) {
    const circle = circleFrom([...way, imported]);
    if (circle) return circle;
  }
  finished.add(file);
  return undefined;
}

const files = roots.flatMap((root) =>
  readdirSync(root, { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(root, name)),
);

for (const file of files) {
  const circle = circleFrom([file]);
  if (!circle) continue;
  console.error(`a circle of imports: ${circle.join(' -> ')}`);
  process.exitCode = 1;
  break;
}
