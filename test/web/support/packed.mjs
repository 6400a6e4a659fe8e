// The npm package as users get it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { folders } from './folders.mjs';

/**
 * Packs the package as it is built into the folder. Returns the tarball's path and those of the files in it.
 * The package's own scripts do not run: other tests use what was built meanwhile.
 */
export function pack(folder) {
  const options = ['--json', '--ignore-scripts', '--pack-destination', folder];
  const packed = execFileSync('npm', ['pack', ...options], {
    cwd: folders.package,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ filename, files }] = JSON.parse(packed);
  return { tarball: join(folder, filename), files: files.map(({ path }) => path) };
}

/** Installs the tarball in a folder `node_modules`. Returns the package's folder. */
export function unpack(tarball, modules) {
  const installed = join(modules, '@backdrop/web');
  rmSync(installed, { recursive: true, force: true });
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  return installed;
}
