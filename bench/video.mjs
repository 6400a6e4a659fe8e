// The command line's video beside ffmpeg, which blurs the whole picture or only encodes the command's
// own, and beside the scripts in bench/video: the same clip, the same encoder and its settings, in
// turn.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, printTable } from './report.mjs';
import { missingTwins } from './twins.mjs';

const help = `Usage: node bench/video.mjs [OPTIONS] CLIP

  --runs N         of each, in turn (5 by default)
  --size WxH       that the clip is scaled to before (1280x720 by default)
  --frames N       of the clip (300 by default)
  --model ID       of the command (selfie-landscape by default)
  --python PYTHON  that has cv2 and maybe mediapipe: also the script in Python
  --onnxruntime    also the script in Node.js, whose packages ./run bench installs, with Meet's
                   network in ONNX; --model meet-full gives the command the same
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5' },
    size: { type: 'string', default: '1280x720' },
    frames: { type: 'string', default: '300' },
    model: { type: 'string', default: 'selfie-landscape' },
    python: { type: 'string' },
    onnxruntime: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
if (values.help || positionals.length !== 1) {
  process.stdout.write(help);
  process.exit(values.help ? 0 : 2);
}

const root = fileURLToPath(new URL('..', import.meta.url));
const program = join(root, 'build/native/apps/cli/backdrop');
const folder = mkdtempSync(join(tmpdir(), 'backdrop-bench-'));
const path = (name) => join(folder, name);
const clip = path('clip.mp4');
const quality = '20';
const shorterSide = Math.min(...values.size.split('x').map(Number));
const sigma = String(0.02 * shorterSide); // the command's default

const ffmpeg = ['ffmpeg', '-v', 'error', '-nostdin', '-y'];
const x264 = ['-c:v', 'libx264', '-crf', quality];

const contestants = {
  backdrop: [
    ...[program, 'composite', clip, '-o', path('backdrop.mp4'), '--model', values.model],
    ...['--quality', quality, '--stats', path('stats.json')],
  ],
  'ffmpeg, gblur of the whole picture': [
    ...[...ffmpeg, '-i', clip, '-vf', `gblur=sigma=${sigma}`, ...x264, path('ffmpeg.mp4')],
  ],
};
const decodeAndEncode = "ffmpeg, which decodes and encodes backdrop's video"; // of the same run
contestants[decodeAndEncode] = [...ffmpeg, '-i', path('backdrop.mp4'), ...x264, path('again.mp4')];
const script = (name) => join(root, 'bench/video', name);
if (values.python) {
  contestants['Python, OpenCV'] = [
    ...[values.python, script('opencv.py'), clip, path('python.mp4'), sigma, quality],
  ];
}
if (values.onnxruntime) {
  contestants['Node.js, ONNX Runtime and sharp'] = [
    ...[process.execPath, script('onnxruntime.mjs'), clip, path('node.mp4'), sigma, quality],
    values.size,
  ];
}

/** Wall and processor time in seconds. */
function time(command) {
  const timed = 'TIMEFORMAT="%R %U %S"; time "$@"';
  const { status, stderr } = spawnSync('bash', ['-c', timed, '-', ...command], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
  const [wall, user, system] = stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return { wall, processor: user + system };
}

function measure() {
  const scale = ['-vf', `scale=${values.size.replace('x', ':')}`, '-frames:v', values.frames];
  const source = [...ffmpeg.slice(1), '-stream_loop', '-1', '-i', positionals[0], '-an'];
  execFileSync('ffmpeg', [...source, ...scale, '-c:v', 'libx264', '-crf', '20', clip]);
  const times = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  const shares = [];
  let memory = 0;
  for (let run = 0; run < Number(values.runs); ++run) {
    for (const [name, command] of Object.entries(contestants)) times[name].push(time(command));
    const stats = JSON.parse(readFileSync(path('stats.json'), 'utf8'));
    shares.push((stats.millisecondsPerFrame.engine * stats.framesPerSecond) / 1000);
    memory = Math.max(memory, stats.peakMemoryMiB);
  }
  const of = (name, kind) => times[name].map((each) => each[kind]);
  // Of runs that followed one another, so that other work on the machine slows both down.
  const ratio = (name, kind) =>
    median(of(name, kind).map((seconds, run) => seconds / times.backdrop[run][kind])).toFixed(2);
  printTable(
    `${values.frames} frames of ${values.size}, H.264 to H.264, CRF ${quality}`,
    ['', 'frames/s', 'backdrop is faster by', 'and takes less processor time by'],
    Object.keys(contestants).map((name) => [
      name,
      (Number(values.frames) / median(of(name, 'wall'))).toFixed(1),
      ratio(name, 'wall'),
      ratio(name, 'processor'),
    ]),
  );
  console.log(
    `The engine works ${(100 * median(shares)).toFixed(0)} % of the time; ` +
      `the command's memory is ${memory.toFixed(0)} MiB at most.`,
  );
}

const missing = values.onnxruntime && missingTwins([{ id: 'meet-full' }]);
if (missing) throw new Error(missing);
if (!existsSync(program)) throw new Error(`${program} is not built`);
try {
  measure();
} finally {
  rmSync(folder, { recursive: true });
}
