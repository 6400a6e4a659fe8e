// `./run bench`: builds what is measured, measures it and prints what came out.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { help, parseOptions } from './options.mjs';

function fail(status, message) {
  console.error(`run: bench: ${message.split('\n')[0]}`);
  process.exit(status);
}

function options() {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    return fail(2, error.message);
  }
}

const told = options();
if (told.help) {
  process.stdout.write(help);
  process.exit();
}
const built = spawnSync(fileURLToPath(new URL('../run', import.meta.url)), ['benchmarks'], {
  stdio: 'inherit',
});
if (built.status !== 0) fail(1, 'could not build what is measured');
// Only now is there what it needs.
const { measureAll } = await import('./measure-all.mjs');
try {
  await measureAll(told);
} catch (error) {
  fail(1, error.message);
}
