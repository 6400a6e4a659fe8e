// Makes video files with the program ffmpeg, and reads what others have written.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const version = spawnSync('ffmpeg', ['-version'], { encoding: 'utf8' });
/** Why no clip can be made; false if it can. */
export const withoutFfmpeg = version.status === 0 ? false : 'there is no ffmpeg';

const quiet = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y'];

function run(program, args, encoding = 'utf8') {
  const result = spawnSync(program, args, { encoding, maxBuffer: 1 << 28 });
  assert.equal(result.status, 0, `${program} ${args.join(' ')}: ${result.stderr}`);
  return result.stdout;
}

export const ffmpeg = (...args) => run('ffmpeg', [...quiet, ...args]);

/** Frames of one grey each, which tells their number: luma is 40 + 4 * number. */
export const numbered = (seconds = 1, { size = '64x48', rate = 10, more = '' } = {}) => [
  ...['-f', 'lavfi', '-i'],
  `nullsrc=s=${size}:r=${rate}:d=${seconds},geq=lum='40+4*N':cb=128:cr=128,format=yuv420p${more}`,
];

export const tone = (seconds = 1) => ['-f', 'lavfi', '-i', `sine=d=${seconds}`];

// Without losses that would hide a number.
export const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '4', '-bf', '2'];

export const probe = (path, ...more) =>
  JSON.parse(
    run('ffprobe', [
      ...['-v', 'error', '-of', 'json', '-show_streams', '-show_format', '-show_chapters'],
      ...more,
      path,
    ]),
  );

export const videoOf = (path, ...more) => probe(path, '-select_streams', 'v:0', ...more).streams[0];

/** The times of the video's frames, in milliseconds. */
export const times = (path) =>
  run('ffprobe', [
    ...['-v', 'error', '-select_streams', 'v:0', '-show_entries'],
    ...['frame=best_effort_timestamp_time', '-of', 'csv=p=0', path],
  ])
    .split('\n')
    .filter(Boolean)
    .map((line) => Math.round(1000 * Number.parseFloat(line)));

/** The mean of each frame's plane, as stored: y, u, v, r, g, b or a. */
export function means(path, plane = 'y', ...decoder) {
  const bytes = run(
    'ffmpeg',
    [
      ...quiet,
      ...['-noautorotate', ...decoder, '-i', path, '-map', '0:v:0', '-fps_mode', 'passthrough'],
      ...[
        '-vf',
        `setparams=range=unspecified,extractplanes=${plane},scale=1:1:flags=area,format=gray`,
      ],
      ...['-f', 'rawvideo', '-'],
    ],
    'buffer',
  );
  return [...bytes];
}

/** How many frames of video each of the files has; `-c copy` counts without decoding. */
export function frameCounts(paths, codec = []) {
  const inputs = paths.flatMap((path) => ['-threads', '1', '-i', path]);
  const maps = paths.flatMap((_, i) => ['-map', `${i}:v:0`]);
  const passed = ['-fps_mode', 'passthrough', ...codec, '-f', 'framecrc', '-'];
  const counts = paths.map(() => 0);
  for (const [, stream] of ffmpeg(...inputs, ...maps, ...passed).matchAll(/^(\d+),/gm)) {
    counts[stream] += 1;
  }
  return counts;
}

const maker = fileURLToPath(new URL('../../../shared/clips/make-clips.sh', import.meta.url));
/** Why there are no clips of all kinds; false if there are. */
export const withoutClips = existsSync(maker) ? false : 'there is no ../shared/clips';

/** The folder of clips of all kinds, which are made once. */
export function allClips() {
  const key = createHash('sha256').update(readFileSync(maker)).update(version.stdout).digest('hex');
  const parent = fileURLToPath(new URL('../../build/clips', import.meta.url));
  const folder = join(parent, key.slice(0, 16));
  if (existsSync(folder)) return folder;
  mkdirSync(parent, { recursive: true });
  const unfinished = mkdtempSync(join(parent, 'unfinished-'));
  run('bash', [maker, unfinished]);
  // Another run may have made them meanwhile.
  if (existsSync(folder)) rmSync(unfinished, { recursive: true });
  else renameSync(unfinished, folder);
  return folder;
}

/** The numbers of `numbered` frames. */
export const numbers = (path) => means(path).map((luma) => Math.round((luma - 40) / 4));

/** A hash of a stream's packets as they are. */
export const hashOf = (path, stream) =>
  run('ffmpeg', [...quiet, '-i', path, '-map', stream, '-c', 'copy', '-f', 'hash', '-']).trim();

/** Pixels of the first frame as stored, RGBA. */
export const firstFrame = (path, ...decoder) =>
  run(
    'ffmpeg',
    [
      ...quiet,
      ...['-noautorotate', ...decoder, '-i', path, '-map', '0:v:0', '-frames:v', '1'],
      ...['-pix_fmt', 'rgba', '-f', 'rawvideo', '-'],
    ],
    'buffer',
  );
