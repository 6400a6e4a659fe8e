// The command line as one more pipeline: a picture of a file in, and what it writes out.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPng } from '../../cli/pictures.mjs';
import { convert, profileIn, spaces } from '../../cli/profiles.mjs';
import { folders } from './folders.mjs';
import { placesOfGrid } from './frame-samples.mjs';

const binary = join(folders.root, 'build/native/apps/cli/backdrop');

export const withoutCommandLine = existsSync(binary)
  ? false
  : 'there is no build/native/apps/cli/backdrop';

/** The options of a background, whose picture is written into `folder`. */
function optionsOf(background, folder) {
  switch (background.kind) {
    case 'image':
      writeFileSync(join(folder, 'behind'), background.image);
      return ['--image', 'behind'];
    case 'color':
      return ['--color', `#${background.rgb.toString(16).padStart(6, '0')}`];
    case 'blur':
      return ['--blur', String(background.strength)];
    default:
      return ['--transparent'];
  }
}

/** Pixels of a grid, as sRGB where the file has a profile, which is that of Display P3. */
function shownBy(file) {
  const { width, height, at } = readPng(file);
  const [from, to] = [profileIn(file) ? spaces.displayP3 : spaces.sRgb, spaces.sRgb];
  const shown = placesOfGrid(width, height).map(([x, y]) => {
    const [red, green, blue, alpha] = at(x, y);
    return [...convert([red, green, blue], from, to), alpha];
  });
  return { size: [width, height], shown };
}

/**
 * @param {Uint8Array} model a network whose input is from 0 to 1
 * @param {Uint8Array} file PNG or JPEG
 * @param {string[]} more options
 */
export function composite(model, file, background, ...more) {
  const folder = mkdtempSync(join(tmpdir(), 'backdrop-pipeline-'));
  try {
    writeFileSync(join(folder, 'model.tflite'), model);
    writeFileSync(join(folder, 'photo'), file);
    const options = ['--model', 'model.tflite', '--input-range', '0,1', '--refine', 'none'];
    const args = ['composite', 'photo', '-o', 'out.png', ...options];
    const { status, stderr } = spawnSync(
      binary,
      [...args, ...optionsOf(background, folder), ...more],
      {
        cwd: folder,
        encoding: 'utf8',
      },
    );
    if (status !== 0) throw new Error(stderr);
    return shownBy(readFileSync(join(folder, 'out.png')));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
