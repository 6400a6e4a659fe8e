// Clips of a person in front of a camera.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folders } from './folders.mjs';

const portrait = join(folders.media, 'grace_hopper.jpg');
const doctor = join(folders.videos, 'doctor.mp4');
const portraitInWideFrame = 'scale=-2:720,pad=1280:720:(ow-iw)/2:0:color=0x4060a0';

/** Codecs for `makeClip`: a file that Chromium plays as its camera, and a clip. */
export const cameraCodec = ['-pix_fmt', 'yuvj420p', '-q:v', '3', '-f', 'mjpeg'];
export const clipCodec = ['-an', '-c:v', 'libvpx', '-deadline', 'realtime', '-b:v', '4M'];

/** Points of the person and of the background, as fractions of the picture's size. */
export const inClip = existsSync(doctor)
  ? { person: [0.5, 0.45], background: [0.03, 0.05] }
  : { person: [0.5, 0.55], background: [0.03, 0.05] };

/** Writes a clip of one second, 1280x720. */
export function makeClip(path, codec) {
  const input = existsSync(doctor)
    ? ['-t', '1', '-i', doctor, '-vf', 'scale=1280:720']
    : ['-loop', '1', '-t', '1', '-r', '30', '-i', portrait, '-vf', portraitInWideFrame];
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...input, ...codec, path]);
}

/** Writes a clip, 320x240, that shows each of these colours, "#rrggbb", for a second. */
function makePlainClip(path, colours) {
  const inputs = colours.flatMap((colour) => [
    ...['-f', 'lavfi', '-i', `color=c=${colour}:s=320x240:r=30:d=1`],
  ]);
  const joined = ['-filter_complex', `concat=n=${colours.length}`];
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...inputs, ...joined, ...clipCodec, path]);
}

/** What `make` writes to a file with this ending, as the server's answer. */
function answerOf(type, ending, make) {
  const folder = mkdtempSync(join(tmpdir(), 'backdrop-'));
  try {
    const path = join(folder, `file.${ending}`);
    make(path);
    return { type, body: readFileSync(path) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A clip, of these colours if there are any, as the server's answer. */
export const clipAnswer = (...colours) =>
  answerOf('video/webm', 'webm', (path) => {
    if (colours.length > 0) makePlainClip(path, colours);
    else makeClip(path, clipCodec);
  });

/** How FFmpeg writes files of several frames that are shown in a loop. */
const animations = {
  gif: ['-loop', '0'],
  apng: ['-plays', '0'],
  webp: ['-c:v', 'libwebp_anim', '-lossless', '1', '-loop', '0'],
  avif: ['-c:v', 'libaom-av1', '-cpu-used', '8', '-crf', '10', '-pix_fmt', 'yuv420p'],
};

export const animationKinds = Object.keys(animations);

/** A picture that shows these colours for a quarter of a second each, as the server's answer. */
export const animationAnswer = (kind, colours) =>
  answerOf(`image/${kind}`, kind, (path) => {
    const inputs = colours.flatMap((colour) => [
      ...['-f', 'lavfi', '-i', `color=c=${colour}:s=64x48:r=4:d=0.25,format=rgb24`],
    ]);
    const joined = ['-filter_complex', `concat=n=${colours.length}`];
    execFileSync('ffmpeg', ['-v', 'error', '-y', ...inputs, ...joined, ...animations[kind], path]);
  });
