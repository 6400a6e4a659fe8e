// The plugin as GStreamer loads it: gst-inspect-1.0 reads it, gst-launch-1.0 plays through it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

const portrait = new URL('../../../build/media/grace_hopper.jpg', import.meta.url).pathname;
const { models } = JSON.parse(
  readFileSync(new URL('../../../catalogue/models.json', import.meta.url), 'utf8'),
);
const folders = (process.env.BACKDROP_MODELS ?? '').split(':').filter(Boolean);
const model = models.find(({ id }) => id === 'selfie-landscape');

const runs = (program, args, environment = {}) =>
  spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 27,
    timeout: 60_000,
    env: { ...process.env, ...environment },
  });

function reasonToSkip() {
  if (runs('gst-launch-1.0', ['--version']).status !== 0) return 'there is no gst-launch-1.0';
  if (!existsSync(portrait)) return 'build/media/grace_hopper.jpg is not there';
  if (!folders.some((folder) => existsSync(join(folder, model.file)))) {
    return `${model.file} is not in BACKDROP_MODELS`;
  }
  return false;
}
const needsAll = { skip: reasonToSkip() };
const needsTools = { skip: needsAll.skip === 'there is no gst-launch-1.0' && needsAll.skip };

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backdrop-launch-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = (name) => join(folder, name);
// GStreamer's own list of plugins, which is of this test alone.
const gst = (program, args, environment = {}) =>
  runs(program, args, { GST_REGISTRY: path('registry'), ...environment });
const launch = (pipeline, environment) =>
  gst('gst-launch-1.0', ['-q', ...pipeline.split(/\s+/)], environment);
const launchWell = (pipeline, environment) => {
  const result = launch(pipeline, environment);
  assert.equal(result.status, 0, result.stderr);
  return result;
};

const width = 320;
const height = 376;
const frames = (count, format) =>
  `filesrc location=${portrait} ! jpegdec ! imagefreeze num-buffers=${count}
   ! videoconvert ! videoscale
   ! video/x-raw,format=${format},width=${width},height=${height},framerate=30/1`;

test('gst-inspect-1.0 reads the element', needsTools, () => {
  const { status, stdout, stderr } = gst('gst-inspect-1.0', ['backdrop']);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /Klass +Filter\/Effect\/Video/);
  for (const property of ['background', 'image', 'model', 'only-front', 'stats']) {
    assert.match(stdout, new RegExp(`^ *${property} +:`, 'm'));
  }
  assert.match(stdout, new RegExp(`Version +${process.env.BACKDROP_VERSION}`));
});

test('a script finds the element if it names a version', needsTools, () => {
  const exists = (...args) => gst('gst-inspect-1.0', ['--exists', ...args, 'backdrop']).status;
  assert.equal(exists(`--atleast-version=${process.env.BACKDROP_VERSION}`), 0);
  assert.equal(exists('--atleast-version=99.0'), 1);
});

test('a frame keeps the person and has another background', needsAll, () => {
  const out = path('out.rgba');
  launchWell(
    `${frames(3, 'RGBA')} ! backdrop model=${model.id} background=color color=0x00ff00 ! filesink location=${out}`,
  );
  const pixels = readFileSync(out);
  assert.equal(pixels.length, 3 * 4 * width * height);
  const at = (x, y) => [...pixels.subarray(4 * (y * width + x)).subarray(0, 3)];
  assert.deepEqual(at(4, 4), [0, 255, 0]);
  assert.deepEqual(at(width - 5, 4), [0, 255, 0]);
  const [red, green] = at(width / 2 - 8, 150); // the face
  assert.ok(red > green, `${red}, ${green}`);
});

test('a clip goes through, frame for frame', needsAll, () => {
  const clip = path('clip.webm');
  const out = path('out.webm');
  const bytes = path('out.i420');
  launchWell(`${frames(20, 'I420')} ! vp8enc deadline=1 ! webmmux ! filesink location=${clip}`);
  launchWell(
    `filesrc location=${clip} ! matroskademux ! vp8dec ! backdrop model=${model.id}
     ! vp8enc deadline=1 ! webmmux ! filesink location=${out}`,
  );
  launchWell(`filesrc location=${out} ! matroskademux ! vp8dec ! filesink location=${bytes}`);
  assert.equal(readFileSync(bytes).length, 20 * 1.5 * width * height);
});

test('without its model nothing leaves, and a line says how to get it', needsTools, () => {
  const out = path('out.i420');
  const { status, stderr } = launch(
    `videotestsrc num-buffers=3 ! backdrop model=bodypix ! filesink location=${out}`,
    { BACKDROP_MODELS: '', HOME: folder, XDG_DATA_HOME: folder },
  );
  assert.notEqual(status, 0);
  assert.match(stderr, /bodypix.* is not installed; get it with: backdrop models get bodypix\n/);
  assert.ok(!existsSync(out) || readFileSync(out).length === 0);
});

test('nothing is left when the pipeline is gone', needsAll, () => {
  const { stderr } = launchWell(`${frames(5, 'NV12')} ! backdrop ! fakesink`, {
    GST_TRACERS: 'leaks',
    GST_DEBUG: 'GST_TRACER:7',
    GST_DEBUG_NO_COLOR: '1',
  });
  const alive = stderr
    .split('\n')
    .filter((line) => /object-alive, type-name=\(string\)\w/.test(line));
  assert.deepEqual(alive, []);
});
