// Chromium without a GPU, whose camera is a film of a person: 1280x720, 30 frames a second, played
// again and again.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launch, softwareGpu } from '../../test/web/support/browser.mjs';
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

/** 128x128 pixels, in squares of 4x4. Of more contrast, it is a person to some models. */
const chessboard =
  "color=s=128x128,format=yuv420p,geq=lum='225-35*mod(floor(X/4)+floor(Y/4),2)':cb=128:cr=128";

/** The path of the film, which is made where it is not there yet; with a chessboard in its corner. */
function film(isMarked) {
  const [name, input, filter] = existsSync(clip)
    ? ['camera-clip', ['-i', clip], 'scale=1280:720,fps=30']
    : ['camera-portrait', ['-loop', '1', '-framerate', '30', '-i', portrait], panned];
  const path = join(folders.root, 'build/bench', `${name}${isMarked ? '-marked' : ''}.mjpeg`);
  if (existsSync(path)) return path;
  mkdirSync(join(folders.root, 'build/bench'), { recursive: true });
  const mark = isMarked ? `[film];${chessboard}[mark];[film][mark]overlay` : '';
  const graph = ['-filter_complex', `[0]${filter}${mark},format=yuvj420p`];
  const coding = ['-t', `${seconds}`, ...graph, '-q:v', '4'];
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...input, ...coding, path]);
  return path;
}

/** Software WebGL would make canvases slower, here and in the peers: a user's Chromium has none. */
const withoutGpu = ['--disable-gpu', '--disable-software-rasterizer'];

export function launchWithCamera(flags = []) {
  return launch({ camera: film(false), flags: [...withoutGpu, ...flags] });
}

/** With WebGL in software, without which some peers refuse to work. */
export function launchWithCameraAndWebgl(flags = []) {
  return launch({ camera: film(false), flags: [...softwareGpu, ...flags] });
}

/** The same, with a chessboard in the camera's picture. */
export function launchWithMarkedCamera() {
  return launch({ camera: film(true), flags: softwareGpu });
}
