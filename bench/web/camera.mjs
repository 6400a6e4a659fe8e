// Chromium without a GPU, whose camera is a film of a person: 1280x720, 30 frames a second, played
// again and again.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launch } from '../../test/web/support/browser.mjs';
import { folders } from '../../test/web/support/folders.mjs';

const seconds = 10;
const clip = join(folders.videos, 'doctor.mp4');
const portrait = join(folders.media, 'grace_hopper.jpg');

/** The portrait on a grey wall, panned slowly to and fro. */
const panned = [
  'scale=-2:720',
  'pad=1480:720:(ow-iw)/2:0:gray',
  `crop=1280:720:100+100*sin(2*PI*t/${seconds}):0`,
].join(',');

/** The path of the film, which is made where it is not there yet. */
function film() {
  const [name, input, filter] = existsSync(clip)
    ? ['camera-clip', ['-i', clip], 'scale=1280:720,fps=30']
    : ['camera-portrait', ['-loop', '1', '-framerate', '30', '-i', portrait], panned];
  const path = join(folders.root, 'build/bench', `${name}.mjpeg`);
  if (existsSync(path)) return path;
  mkdirSync(join(folders.root, 'build/bench'), { recursive: true });
  const coding = ['-t', `${seconds}`, '-vf', `${filter},format=yuvj420p`, '-q:v', '4'];
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...input, ...coding, path]);
  return path;
}

/** Software WebGL would make canvases slower, here and in the peers: a user's Chromium has none. */
const withoutGpu = ['--disable-gpu', '--disable-software-rasterizer'];

export function launchWithCamera(flags = []) {
  return launch({ camera: film(), flags: [...withoutGpu, ...flags] });
}
