// The virtual camera from end to end: who reads it, what they see, and what happens when a part of
// it goes. In no picture is the room.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { assertFails } from '../backdrop.mjs';
import { withoutFfmpeg } from '../clips.mjs';
import { assertNoRoom, judge, makeClip } from './room.mjs';
import { Session, end, until, withoutSession } from './session.mjs';

const binary = process.env.BACKDROP_BINARY;
const shim = process.env.BACKDROP_V4L2_SHIM;
const portrait = fileURLToPath(new URL('../../../build/media/grace_hopper.jpg', import.meta.url));
const { models } = JSON.parse(
  readFileSync(new URL('../../../catalogue/models.json', import.meta.url), 'utf8'),
);
const model = models.find(({ id }) => id === 'selfie-landscape');
const folders = (process.env.BACKDROP_MODELS ?? '').split(':').filter(Boolean);

function reasonToSkip() {
  if (process.env.BACKDROP_WITHOUT_CAMERA) return 'the command is built without its camera';
  if (withoutSession || withoutFfmpeg) return withoutSession || withoutFfmpeg;
  if (!existsSync(portrait)) return 'build/media has no portrait';
  const hasModel = folders.some((folder) => existsSync(join(folder, model.file)));
  return hasModel ? false : `${model.file} is not in BACKDROP_MODELS`;
}
const withoutPwV4l2 =
  spawnSync('pw-v4l2', ['-h'], { stdio: 'ignore' }).error && 'there is no pw-v4l2';
const withoutScript =
  spawnSync('script', ['--version'], { stdio: 'ignore' }).error && 'there is no script';
const needsAll = { skip: reasonToSkip() };

const size = { width: 640, height: 360 };
const usual = ['--size', '640x360', '--model', model.id, '--color', '#0000ff'];

describe('a virtual camera', needsAll, () => {
  const session = new Session();
  let clip;
  before(async () => {
    await session.begin();
    clip = join(session.folder, 'room.mkv');
    makeClip(clip, portrait);
  });
  after(() => session.finish());

  let camera;
  afterEach(() => camera && end(camera));

  const command = (...args) => session.run(binary, args);
  const status = () => command('camera', 'status').stdout;
  const says = (text) => until(() => status().includes(text), `"${text}"`);

  async function begin(...args) {
    camera = session.start(binary, ['camera', ...usual, ...args]);
    await until(() => status() !== '' || camera.exitCode !== null, 'the start of the camera');
    assert.equal(camera.exitCode, null, camera.errors);
  }

  /** A reader that is still reading. */
  function startReader(name, { format = 'I420', frames = 40 } = {}) {
    const caps = `video/x-raw,format=${format},width=${size.width},height=${size.height}`;
    const file = join(session.folder, name);
    const source = ['pipewiresrc', 'target-object=backdrop', `num-buffers=${frames}`];
    const sink = ['filesink', 'buffer-mode=unbuffered', `location=${file}`];
    const child = session.start('gst-launch-1.0', ['-q', ...source, '!', caps, '!', ...sink]);
    return { child, frames: () => judge(readFileSync(file), format, size.width, size.height) };
  }

  async function read(name, options) {
    const reader = startReader(name, options);
    await until(() => reader.child.exitCode !== null, 'the end of a reader');
    assert.equal(reader.child.exitCode, 0, reader.child.errors);
    return reader.frames();
  }

  const grown = (name, frames) =>
    until(() => {
      const path = join(session.folder, name);
      return (
        existsSync(path) && readFileSync(path).length > frames * size.width * size.height * 1.5
      );
    }, `${frames} frames`);

  test('serves twenty readers one after another, some of which are killed', async () => {
    await begin('--from', clip);
    let persons = 0;
    for (let turn = 0; turn < 20; ++turn) {
      const format = ['I420', 'NV12', 'YUY2'][turn % 3];
      const name = `reader${turn}.raw`;
      if (turn % 4 === 3) {
        const killed = startReader(name, { format, frames: 1000 });
        await grown(name, 3);
        await end(killed.child, 'SIGKILL');
        persons += assertNoRoom(killed.frames());
      } else {
        const frames = await read(name, { format, frames: 12 });
        assert.equal(frames.length, 12);
        persons += assertNoRoom(frames);
      }
      rmSync(join(session.folder, name));
    }
    assert.ok(persons > 60, `${persons} frames show the person`);
    assert.match(status(), /PipeWire: /);
  });

  test('closes its source while nobody looks', async () => {
    await begin('--from', clip);
    assert.match(status(), /nobody looks: the camera is closed/);
    assertNoRoom(await read('looked.raw'));
    await says('nobody looks: the camera is closed');
    assertNoRoom(await read('looked.raw'));
  });

  test('comes back when the daemon was ended', async () => {
    await begin('--from', clip);
    assertNoRoom(await read('before.raw'));
    for (const signal of ['SIGTERM', 'SIGKILL']) {
      const reader = startReader('during.raw', { frames: 1000 });
      await grown('during.raw', 3);
      await session.endPipeWire(signal);
      await says('no daemon');
      await end(reader.child);
      rmSync(join(session.folder, 'during.raw'));
      await session.beginPipeWire();
      await says('PipeWire: nobody looks');
      assert.ok(assertNoRoom(await read('after.raw')) > 5);
    }
  });

  test('begins before the daemon', async () => {
    await session.endPipeWire('SIGTERM');
    await begin('--from', clip);
    await says('no daemon');
    await session.beginPipeWire();
    await says('PipeWire: nobody looks');
    assert.ok(assertNoRoom(await read('late.raw')) > 5);
  });

  test('shows a card, then a blurred still, while its source is away', async () => {
    const source = join(session.folder, 'comes.mkv');
    makeClip(source, portrait, 1);
    const away = `${source}.away`;
    renameSync(source, away);
    await begin('--from', source);
    const reader = startReader('watched.raw', { frames: 1000 });
    await says('No such file');
    await grown('watched.raw', 10);
    renameSync(away, source);
    await says(': open');
    await wait(1000);
    rmSync(source);
    await says('No such file');
    await wait(1500);
    await end(reader.child);
    const frames = reader.frames();
    assert.ok(assertNoRoom(frames) > 10, 'the person was seen');
    // The card has no blue; the still is blue, with a person who is no more than a spot.
    assert.ok(frames[0].blue < 0.01, 'a card is shown first');
    assert.ok(frames.at(-1).blue > 0.3, 'a still of the background is shown last');
    assert.match(camera.errors, /^backdrop: .*No such file or directory\n/);
  });

  test('changes what it shows while it runs', async () => {
    await begin('--from', clip);
    const set = (...args) => command('camera', 'set', ...args);
    const blues = async () => {
      const frames = await read('changed.raw', { frames: 20 });
      assertNoRoom(frames);
      return frames.at(-1).blue;
    };
    assert.ok((await blues()) > 0.3);
    assert.deepEqual(set('--color', '#202020').stderr, '');
    assert.ok((await blues()) < 0.05);
    assert.deepEqual(set('--background-video', 'nowhere.mp4').status, 1);
    assert.ok((await blues()) < 0.05, 'the background stays');
    assert.deepEqual(set('--color', '#0000ff', '--mirror', 'on').stderr, '');
    assert.ok((await blues()) > 0.3);
    assert.deepEqual(set('--model', 'nowhere.tflite').status, 1);
    assert.deepEqual(set('--rotate', '180', '--crop', '0.5,0,0.5,1').stderr, '');
    assertNoRoom(await read('changed.raw', { frames: 20 }));
    assertFails(set('--blur', '0'), { status: 2, names: '--blur' });
    assertFails(set(), { status: 2, names: 'camera set' });
    assertFails(set('--image', 'a.png', '--blur', '3'), { status: 2, names: '--image' });
  });

  test('shows the room when asked to, and nothing of it afterwards', async () => {
    const source = join(session.folder, 'none.mkv');
    makeClip(source, portrait, 1);
    await begin('--from', source);
    assert.deepEqual(command('camera', 'set', '--none').stderr, '');
    const reader = startReader('none.raw', { frames: 1000 });
    await grown('none.raw', 20);
    rmSync(source);
    await says('No such file');
    await wait(1500);
    await end(reader.child);
    const frames = reader.frames();
    assert.ok(frames[15].green > 0.3, 'the room is shown');
    assert.ok(frames.at(-1).green < 0.01, 'a card stands in');
    assert.deepEqual(command('camera', 'set', '--color', '#0000ff').stderr, '');
    assertNoRoom(await read('none.raw', { frames: 20 }));
  });

  test('keeps the room in while its settings change under a reader', async () => {
    await begin('--from', clip);
    const reader = startReader('busy.raw', { frames: 150 });
    await grown('busy.raw', 5);
    for (const args of [
      ['--color', '#101060'],
      ['--model', 'mlkit', '--mirror', 'on'],
      ['--image', portrait],
      ['--model', model.id, '--only-front', 'on'],
      ['--color', '#0000ff', '--mirror', 'off'],
    ]) {
      assert.equal(command('camera', 'set', ...args).stderr, '');
    }
    await until(() => reader.child.exitCode !== null, 'the end of a reader');
    assert.ok(assertNoRoom(reader.frames()) > 20);
  });

  test('waits for a camera where there is none', async () => {
    await begin();
    const reader = startReader('none.raw', { frames: 20 });
    await until(() => reader.child.exitCode !== null, 'the end of a reader');
    assertNoRoom(reader.frames());
    assert.match(status(), /camera: there is none; --from names another source; trying again/);
    assert.match(camera.errors, /^backdrop: camera: there is none; [^\n]+\n$/);
  });

  test('reads devices of Video4Linux', { skip: withoutPwV4l2 }, async () => {
    const plain = usual.slice(0, usual.indexOf('--color'));
    const first = ['--from', clip, '--name', 'other', '--color', '#00ffff'];
    const other = session.start(binary, ['camera', ...plain, ...first]);
    await until(() => command('camera', 'status', '--name', 'other').stdout !== '', 'a camera');
    camera = session.start('pw-v4l2', [binary, 'camera', ...usual, '--from', '/dev/video0']);
    await until(() => status() !== '', 'the start of the camera');
    assert.ok(assertNoRoom(await read('device.raw')) > 5, 'the person was seen');
    const reader = startReader('unplugged.raw', { frames: 1000 });
    await grown('unplugged.raw', 10);
    await end(other, 'SIGKILL');
    // What pw-v4l2 does then differs: it fails, says nothing, or takes another camera.
    await wait(2000);
    assert.equal(camera.exitCode, null, camera.errors);
    await end(reader.child);
    assertNoRoom(reader.frames());
  });

  describe('to a device of v4l2loopback', { skip: !shim && 'the shim is not built' }, () => {
    const device = '/dev/video10';
    const written = () => join(session.folder, 'device.raw');
    const withDevice = (more = {}) => ({
      LD_PRELOAD: shim,
      BACKDROP_SHIM_DEVICE: device,
      BACKDROP_SHIM_FILE: written(),
      ...more,
    });
    const frames = (format, { width, height } = size) =>
      judge(readFileSync(written()), format, width, height);

    async function beginOnDevice(more) {
      writeFileSync(written(), '');
      camera = session.start(binary, ['camera', ...usual, '--from', clip, '--to', device], {
        env: withDevice(more),
      });
      await until(() => status() !== '' || camera.exitCode !== null, 'the start of the camera');
    }

    /** Until somebody has had the device open for so many frames more. */
    async function look(bytes) {
      const reader = openSync(written());
      const before = statSync(written()).size;
      await until(() => statSync(written()).size > before + bytes, 'pictures on the device');
      closeSync(reader);
    }

    test('writes packed frames, and a still while nobody looks', async () => {
      await beginOnDevice();
      await says(`${device}: yuyv422 640x360, nobody looks`);
      assert.match(status(), /the camera is closed/);
      await look(20 * size.width * size.height * 2);
      assert.match(status(), /: open/);
      const all = frames('YUY2');
      assert.ok(assertNoRoom(all) > 5, 'the person was seen');
      assert.equal(statSync(written()).size % (size.width * size.height * 2), 0);
      await says('nobody looks: the camera is closed');
    });

    test('leaves nothing of the room on the device', async () => {
      await beginOnDevice();
      assert.deepEqual(command('camera', 'set', '--none').stderr, '');
      await look(20 * size.width * size.height * 2);
      assert.deepEqual(command('camera', 'stop').stderr, '');
      await until(() => camera.exitCode !== null, 'the end');
      const all = frames('YUY2');
      assert.ok(
        all.some(({ green }) => green > 0.3),
        'the room was shown',
      );
      assert.ok(all.at(-1).green < 0.01, 'a card is left');
    });

    test('comes back when the device was away', async () => {
      await beginOnDevice();
      await look(5 * size.width * size.height * 2);
      writeFileSync(`${written()}.gone`, '');
      await says(`${device}: No such device; trying again`);
      renameSync(written(), `${written()}.before`);
      writeFileSync(written(), '');
      rmSync(`${written()}.gone`);
      await says(`${device}: yuyv422 640x360, nobody looks`);
      await says('nobody looks: the camera is closed');
      await look(20 * size.width * size.height * 2);
      assert.match(status(), /: open/);
      assert.ok(assertNoRoom(frames('YUY2')) > 5, 'the person was seen');
    });

    test('takes the format and the size that the device keeps', async () => {
      await beginOnDevice({ BACKDROP_SHIM_FORMAT: 'YU12 320x240' });
      await says(`${device}: yuv420p 320x240`);
      await look(20 * 320 * 240 * 1.5);
      assert.ok(assertNoRoom(frames('I420', { width: 320, height: 240 })) > 5);
    });

    test('says who holds it, and that it takes no format', async () => {
      await beginOnDevice({ BACKDROP_SHIM_BUSY: '1' });
      await until(() => camera.exitCode !== null, 'the end of the camera');
      assert.equal(camera.exitCode, 1);
      assert.match(camera.errors, /^backdrop: \/dev\/video10: another program has it open\n$/);
      await beginOnDevice({ BACKDROP_SHIM_FORMAT: 'MJPG 320x240' });
      await until(() => camera.exitCode !== null, 'the end of the camera');
      assert.match(camera.errors, /takes none of YUYV, YU12 and NV12\n$/);
    });

    test('is never its own source', () => {
      const args = ['camera', ...usual, '--from', device, '--to', device];
      const result = session.run(binary, args, { env: withDevice() });
      assertFails(result, { status: 2, names: `${device}: is the output` });
    });
  });

  test('says nothing on a terminal while all is well', { skip: withoutScript }, () => {
    const words = [binary, 'camera', ...usual, '--from', clip].map((word) => `'${word}'`);
    const line = `timeout -s INT 3 ${words.join(' ')}`;
    const { stdout } = session.run('script', ['-qec', line, '/dev/null']);
    assert.equal(stdout.replaceAll('\r\x1b[K', ''), '');
  });

  test('refuses what it can not do, in one line', async () => {
    const fails = (args, expected) => assertFails(command('camera', ...args), expected);
    fails(['status'], { names: "no camera of the name 'backdrop' runs" });
    fails(['stop', '--name', 'other'], { names: "'other'" });
    fails(['--name', '../x'], { status: 2, names: '--name' });
    fails(['--name', 'other', 'stop'], { status: 2, names: "come after 'stop'" });
    fails(['--size', '641x360'], { status: 2, names: '--size' });
    fails(['--crop', '0.6,0,0.5,1'], { status: 2, names: '--crop' });
    fails(['--rotate', '45'], { status: 2, names: '--rotate' });
    fails(['--from', clip, '--model', 'nowhere.tflite'], { names: 'nowhere.tflite' });
    fails(['--from', clip, '--to', clip, '--model', model.id], { names: clip });
    fails(['--from', clip, '--image', 'nowhere.png', '--model', model.id], {
      names: 'nowhere.png',
    });
    await begin('--from', clip);
    fails(['--from', clip], { names: "'backdrop' runs already" });
    assert.deepEqual(command('camera', 'stop').stderr, '');
    await until(() => camera.exitCode !== null, 'the end');
    assert.equal(camera.exitCode, 0);
  });
});
