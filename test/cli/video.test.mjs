// Videos from end to end: what is written, what is kept, and how bad input is answered. Clips are
// made with the program ffmpeg.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, truncateSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';

import { Workplace, assertFails, assertNear, needsGpu, withDrivers } from './backdrop.mjs';
import {
  allClips,
  ffmpeg,
  firstFrame,
  frameCounts,
  h264,
  hashOf,
  means,
  numbered,
  numbers,
  probe,
  times,
  tone,
  videoOf,
  withoutClips,
  withoutFfmpeg,
} from './clips.mjs';
import { png, readPng } from './pictures.mjs';

const { models } = JSON.parse(
  readFileSync(new URL('../../catalogue/models.json', import.meta.url), 'utf8'),
);
const folders = (process.env.BACKDROP_MODELS ?? '').split(':').filter(Boolean);
const meet = models.find((model) => model.id === 'meet-full');
const hasModel = folders.some((folder) => existsSync(join(folder, meet.file)));

function reasonToSkip() {
  if (withoutFfmpeg) return withoutFfmpeg;
  if (!hasModel) return `${meet.file} is not in BACKDROP_MODELS`;
  if (process.env.BACKDROP_WITHOUT_LIBAV) return 'the command is built without FFmpeg';
  return false;
}
const needsAll = { skip: reasonToSkip() };

let place;
beforeEach(() => {
  place = new Workplace();
});
afterEach(() => place.remove());

const made = new Map(); // what the same arguments have made before
const clip = (name, ...args) => {
  const key = JSON.stringify([extname(name), ...args]);
  if (!made.has(key)) {
    ffmpeg(...args, place.path(name));
    made.set(key, place.read(name));
  }
  return place.write(name, made.get(key));
};
const withModel = (command, args) => [command, ...args, '--model', meet.id];
const composite = (...args) => place.run(withModel('composite', args));
// The background is kept as the person, so that the output is the input.
const kept = ['--classes', '0'];

function assertComposed(result, says = /^$/) {
  assert.match(result.stderr, says);
  assert.equal(result.status, 0, result.stderr);
}

const ten = [...Array(10).keys()];

describe('a video', needsAll, () => {
  const codecs = { 'out.mp4': 'h264', 'out.mov': 'h264', 'out.mkv': 'h264', 'out.webm': 'vp9' };
  for (const [out, codec] of Object.entries(codecs)) {
    test(`becomes ${out}, frame by frame`, () => {
      const sound = out.endsWith('.mov') ? 'aac' : 'libopus';
      clip('in.mkv', ...numbered(), ...tone(), ...h264, '-c:a', sound);
      assertComposed(composite('in.mkv', '-o', out, '--quality', '4'));
      assert.deepEqual(numbers(place.path(out)), ten);
      const [video, audio] = probe(place.path(out)).streams;
      assert.equal(video.codec_name, codec);
      assert.equal(audio.codec_name, sound === 'aac' ? 'aac' : 'opus');
      assert.equal(hashOf(place.path(out), '0:a'), hashOf(place.path('in.mkv'), '0:a'));
      assert.deepEqual(place.list(), ['in.mkv', out].sort());
    });
  }

  test('keeps an uneven rate, a late start and B-frames', () => {
    const uneven = { more: ",setpts='(N/10+0.3*gte(N,5)+0.7)/TB'" };
    const rate = ['-fps_mode', 'passthrough', '-enc_time_base', '1/1000', '-copyts'];
    clip('in.mp4', ...numbered(1, uneven), ...tone(), ...h264, ...rate, '-c:a', 'aac');
    assertComposed(composite('in.mp4', '-o', 'out.mp4'));
    assertComposed(composite('in.mp4', '-o', 'out.mkv'));
    const expected = times(place.path('in.mp4'));
    assert.equal(expected[5] - expected[4], 400);
    assert.deepEqual(times(place.path('out.mp4')), expected);
    const shift = times(place.path('out.mkv'))[0] - expected[0]; // Matroska has no negative times
    assert.deepEqual(
      times(place.path('out.mkv')).map((time) => time - shift),
      expected,
    );
    assert.equal(hashOf(place.path('out.mp4'), '0:a'), hashOf(place.path('in.mp4'), '0:a'));
  });

  test('begins at 0 where the clock of the container begins anywhere', () => {
    clip('in.ts', ...numbered(), ...tone(), ...h264, '-output_ts_offset', '50000');
    assertComposed(composite('in.ts', '-o', 'out.mp4'));
    const video = videoOf(place.path('out.mp4'));
    assert.ok(Math.abs(video.start_time) < 0.2, video.start_time);
    assert.deepEqual(numbers(place.path('out.mp4')), ten);
  });

  test('keeps tags, languages, chapters and subtitles', () => {
    place.write(
      'tags.txt',
      ';FFMETADATA1\ntitle=A title\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle=First\n',
    );
    place.write('words.srt', '1\n00:00:00,100 --> 00:00:00,400\nA word\n');
    const inputs = [...numbered(), ...tone(), '-i', place.path('words.srt')];
    const tags = ['-f', 'ffmetadata', '-i', place.path('tags.txt'), '-map_metadata', '3'];
    const maps = ['-map', '0', '-map', '1', '-map', '2', '-metadata:s:a:0', 'language=deu'];
    clip('in.mkv', ...inputs, ...tags, '-map_chapters', '3', ...maps, ...h264, '-c:a', 'libopus');
    assertComposed(composite('in.mkv', '-o', 'out.mkv'));
    const { streams, chapters, format } = probe(place.path('out.mkv'));
    assert.deepEqual(
      streams.map((stream) => stream.codec_type),
      ['video', 'audio', 'subtitle'],
    );
    assert.equal(streams[1].tags.language, 'deu');
    assert.equal(chapters[0].tags.title, 'First');
    assert.equal(format.tags.title, 'A title');
    assert.equal(hashOf(place.path('out.mkv'), '0:s'), hashOf(place.path('in.mkv'), '0:s'));
  });

  test('loses no stream in silence', () => {
    // The sound is the longest of them.
    const two = [...numbered(), ...tone(2), ...numbered(1, { size: '32x32' })];
    clip('in.mov', ...two, '-map', '0', '-map', '1', '-map', '2', ...h264, '-c:a', 'pcm_s16le');
    const result = composite('in.mov', '-o', 'out.mp4');
    assertComposed(result, /audio, pcm_s16le\) is left out: it can't be in mp4/);
    assert.match(result.stderr, /video, h264\) is left out: it may show the room/);
    assert.equal(probe(place.path('out.mp4')).streams.length, 1);
  });

  test('keeps no picture that may show the room', () => {
    const picture = place.write('p', png({ width: 8, height: 8, pixelAt: () => [9, 9, 9] }));
    const attached = ['image/png', 'image/avif'].flatMap((type, index) => [
      ...['-attach', place.path(picture), `-metadata:s:t:${index}`, `mimetype=${type}`],
      ...[`-metadata:s:t:${index}`, `filename=${index}`],
    ]);
    clip('in.mkv', ...numbered(0.3), ...h264, ...attached);
    const result = composite('in.mkv', '-o', 'out.mkv');
    assertComposed(result, /stream 1 \(video, png\) is left out: it may show the room/);
    assert.match(result.stderr, /stream 2 \(attachment, none\) is left out: it may show the room/);
    assert.equal(probe(place.path('out.mkv')).streams.length, 1);
  });

  test('tells data that it loses, but for chapters, which are made anew', () => {
    place.write(
      'tags.txt',
      ';FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=300\ntitle=A\n',
    );
    const tags = ['-f', 'ffmetadata', '-i', place.path('tags.txt'), '-map_metadata', '1'];
    clip('in.mov', ...numbered(0.3), ...tags, ...h264);
    assertComposed(composite('in.mov', '-o', 'out.mkv'));
    const bytes = place.read('in.mov');
    // The track of chapters becomes one of a camera's measurements.
    bytes.write('gpmd', bytes.lastIndexOf('stsd') + 16);
    bytes.write('cdsc', bytes.indexOf('chap'));
    place.write('in.mov', bytes);
    assertComposed(composite('in.mov', '-o', 'out.mkv'), /data, bin_data\) is left out/);
  });

  test('tells a stream that begins too late', () => {
    clip('silent.ts', ...numbered(12, { rate: 5 }), ...h264);
    clip('loud.ts', ...numbered(), ...tone(), ...h264);
    // What is looked at before ends before the sound begins; of a pipe, the end can't be.
    const nothing = Buffer.alloc(188, 255);
    nothing.writeUInt32BE(0x471fff10);
    const gap = Array(30000).fill(nothing);
    const input = Buffer.concat([place.read('silent.ts'), ...gap, place.read('loud.ts')]);
    const args = withModel('composite', ['-', '-o', 'out.mkv']);
    const result = spawnSync(process.env.BACKDROP_BINARY, args, { ...place.options({}), input });
    assertComposed(result, /stream 1 \(audio, mp2\) is left out: it begins too late/);
  });

  test('keeps the shape of pixels, and colours with their range', () => {
    const colors = ['-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709'];
    const more = ',setsar=4/3,scale=out_range=full';
    clip('in.mp4', ...numbered(1, { more }), ...h264, ...colors, '-color_range', 'pc');
    for (const out of ['out.mp4', 'out.mkv']) {
      assertComposed(composite('in.mp4', '-o', out));
      const video = videoOf(place.path(out));
      assert.equal(video.sample_aspect_ratio, '4:3');
      assert.equal(video.color_range, 'pc');
      for (const tag of ['color_space', 'color_transfer', 'color_primaries']) {
        assert.equal(video[tag], 'bt709');
      }
    }
  });

  test('stays turned in MP4, and is turned in other containers', () => {
    clip('upright.mp4', ...numbered(0.2, { more: ',drawbox=0:0:32:24:white:fill' }), ...h264);
    const turn = ['-c', 'copy', '-metadata:s:v:0', 'rotate=270'];
    clip('in.mp4', '-i', place.path('upright.mp4'), ...turn);
    const rotation = (path) =>
      videoOf(path).side_data_list?.find((data) => data.displaymatrix)?.rotation;
    const turned = rotation(place.path('in.mp4'));
    assert.ok(Math.abs(turned) === 90);
    assertComposed(composite('in.mp4', '-o', 'out.mp4', ...kept));
    assert.equal(rotation(place.path('out.mp4')), turned);
    assertComposed(composite('in.mp4', '-o', 'out.mkv', ...kept));
    const { width, height } = videoOf(place.path('out.mkv'));
    assert.deepEqual([width, height], [48, 64]);
    const pixels = firstFrame(place.path('out.mkv'));
    const at = (x, y) => pixels[4 * (y * width + x)];
    // FFmpeg counts against the clock.
    const isLeft = turned > 0;
    assert.ok(at(isLeft ? 8 : 40, isLeft ? 56 : 8) > 220);
    assert.ok(at(isLeft ? 40 : 8, isLeft ? 8 : 56) < 100);
  });

  test('keeps ten bits of the person', () => {
    const grey = "nullsrc=s=64x48:r=5:d=0.4,format=yuv420p10,geq=lum='401+N':cb=513:cr=510";
    clip('in.mkv', '-f', 'lavfi', '-i', grey, '-c:v', 'ffv1');
    assertComposed(composite('in.mkv', '-o', 'out.mkv', '--codec', 'ffv1', ...kept));
    assert.equal(videoOf(place.path('out.mkv')).pix_fmt, 'yuv420p10le');
    assert.equal(hashOfPixels('out.mkv'), hashOfPixels('in.mkv'));
  });

  test('keeps finer chroma of the person', () => {
    const stripes =
      "nullsrc=s=64x48:r=5:d=0.4,format=yuv444p,geq=lum='90':cb='100+20*mod(X,2)':cr=120";
    clip('in.mkv', '-f', 'lavfi', '-i', stripes, '-c:v', 'ffv1');
    assertComposed(composite('in.mkv', '-o', 'out.mkv', '--codec', 'ffv1', ...kept));
    assert.equal(hashOfPixels('out.mkv'), hashOfPixels('in.mkv'));
  });

  const hashOfPixels = (name) =>
    ffmpeg('-i', place.path(name), '-f', 'framehash', '-').replaceAll(/^#.*$/gm, '');

  test('stays interlaced in H.264', () => {
    const interlaced = ['-flags', '+ilme+ildct', '-x264opts', 'tff=1'];
    clip('in.mp4', ...numbered(1, { more: ',setfield=tff' }), ...h264, ...interlaced);
    assertComposed(composite('in.mp4', '-o', 'out.mp4'));
    assert.equal(videoOf(place.path('out.mp4')).field_order, 'tt');
    assertComposed(composite('in.mp4', '-o', 'out.webm'), /interlaced/);
  });

  test('of an odd size loses a row where its codec has to', () => {
    clip(
      'in.mkv',
      ...numbered(0.3, { size: '65x49', more: ',format=yuv444p,crop=63:47' }),
      '-c:v',
      'ffv1',
      '-pix_fmt',
      'yuv420p',
    );
    assertComposed(composite('in.mkv', '-o', 'out.mp4'), /cut off/);
    assert.equal(videoOf(place.path('out.mp4')).width, 62);
    assertComposed(composite('in.mkv', '-o', 'out.webm'));
    assert.equal(videoOf(place.path('out.webm')).width, 63);
  });

  test('keeps its first size when the size changes', () => {
    clip('a.h264', ...numbered(0.5), ...h264);
    clip('b.h264', ...numbered(0.5, { size: '48x64' }), ...h264);
    place.write('in.h264', Buffer.concat([place.read('a.h264'), place.read('b.h264')]));
    assertComposed(composite('in.h264', '-o', 'out.mp4'), /change their size/);
    assert.equal(means(place.path('out.mp4')).length, 10);
  });
});

describe('what is behind the person in a video', needsAll, () => {
  test('a colour, or a picture', () => {
    clip('in.mp4', ...numbered(0.3), ...h264);
    place.write('b.png', png({ width: 8, height: 8, pixelAt: () => [0, 255, 0] }));
    for (const behind of [
      ['--color', '#00ff00'],
      ['--image', 'b.png'],
    ]) {
      assertComposed(composite('in.mp4', '-o', 'out.mp4', ...behind));
      assertNear(firstFrame(place.path('out.mp4')), [0, 255, 0, 255], 4);
    }
  });

  test('a video at its own rate, again and again', () => {
    clip('in.mp4', ...numbered(), ...h264);
    clip('behind.mkv', ...numbered(0.6, { rate: 5 }), '-c:v', 'ffv1');
    assertComposed(composite('in.mp4', '-o', 'out.mp4', '--background-video', 'behind.mkv'));
    assert.deepEqual(numbers(place.path('out.mp4')), [0, 0, 1, 1, 2, 2, 0, 0, 1, 1]);
    clip('fast.mkv', ...numbered(1, { rate: 20 }), '-c:v', 'rawvideo');
    assertComposed(composite('in.mp4', '-o', 'out.mp4', '--background-video', 'fast.mkv'));
    assert.deepEqual(
      numbers(place.path('out.mp4')),
      ten.map((number) => 2 * number),
    );
  });

  test('nothing', () => {
    clip('in.mp4', ...numbered(0.3), ...h264);
    assertComposed(composite('in.mp4', '-o', 'out.mov', '--transparent'));
    assert.match(videoOf(place.path('out.mov')).pix_fmt, /^yuva444p/);
    assert.deepEqual(means(place.path('out.mov'), 'a'), [0, 0, 0]);
    assertComposed(composite('in.mp4', '-o', 'out.mov', '--transparent', ...kept));
    assert.deepEqual(means(place.path('out.mov'), 'a'), [255, 255, 255]);
    assertComposed(composite('in.mp4', '-o', 'out.webm', '--transparent', ...kept));
    const libvpx = ['-c:v', 'libvpx-vp9'];
    assert.deepEqual(means(place.path('out.webm'), 'a', ...libvpx), [255, 255, 255]);
    assertComposed(composite('out.webm', '-o', 'again.mov', '--transparent'));
    assert.deepEqual(means(place.path('again.mov'), 'a'), [0, 0, 0]);
  });

  test('drawn on the GPU', needsGpu, () => {
    clip('in.mp4', ...numbered(0.3), ...h264);
    const args = withModel('composite', ['in.mp4', '-o', 'out.mp4', '--gpu', '--color', '#00ff00']);
    assertComposed(place.run(args, withDrivers));
    assertNear(firstFrame(place.path('out.mp4')), [0, 255, 0, 255], 4);
  });
});

describe('the matte of a video', needsAll, () => {
  test('is white where the person is', () => {
    clip('in.mp4', ...numbered(0.3), ...h264);
    for (const [more, luma] of [
      [[], 16],
      [kept, 235],
    ]) {
      assertComposed(place.run(withModel('matte', ['in.mp4', '-o', 'out.mp4', ...more])));
      assertNear(means(place.path('out.mp4')), [luma, luma, luma], 1);
    }
  });

  test('as pictures', () => {
    clip('in.mp4', ...numbered(0.3), ...h264);
    assertComposed(place.run(withModel('matte', ['in.mp4', '-o', 'm-%03d.png', ...kept])));
    assert.deepEqual(place.list(), ['in.mp4', 'm-001.png', 'm-002.png', 'm-003.png']);
    const args = ['-v', 'error', '-show_entries', 'stream=pix_fmt', '-of', 'csv=p=0'];
    const format = spawnSync('ffprobe', [...args, place.path('m-001.png')], { encoding: 'utf8' });
    assert.equal(format.stdout.trim(), 'gray');
  });
});

test('a video becomes numbered pictures', needsAll, () => {
  clip('in.mp4', ...numbered(0.3), ...h264);
  assertComposed(composite('in.mp4', '-o', 'out-%05d.png', '--transparent', ...kept));
  assert.deepEqual(place.list(), ['in.mp4', 'out-00001.png', 'out-00002.png', 'out-00003.png']);
  assertNear(readPng(place.read('out-00001.png')).at(32, 24), [28, 28, 28, 255], 2);
});

test('the time of each stage is written', needsAll, () => {
  clip('in.mp4', ...numbered(), ...h264);
  assertComposed(composite('in.mp4', '-o', 'out.mp4', '--stats', 'stats.json'));
  const { frames, millisecondsPerFrame } = JSON.parse(place.read('stats.json'));
  assert.equal(frames, 10);
  assert.ok(millisecondsPerFrame.engineInfer > 0);
});

describe('pipes', needsAll, () => {
  test('raw frames in and out', () => {
    const frame = Buffer.alloc((64 * 48 * 3) / 2, 128);
    const raw = place.write('in.yuv', Buffer.concat([frame, frame, frame]));
    const format = ['--input-format', 'yuv420p,64x48,10', '--output-format', 'yuv420p'];
    const args = withModel('composite', ['-', '-o', '-', ...format]);
    const result = spawnSync(process.env.BACKDROP_BINARY, args, { input: place.read(raw) });
    assert.equal(result.stderr.toString(), '');
    assert.equal(result.stdout.length, 3 * frame.length);
    assertNear(result.stdout, [128, 128, 128]);
  });

  test('Matroska in and out', () => {
    clip('in.mkv', ...numbered(), ...tone(), ...h264, '-c:a', 'libopus');
    const args = withModel('composite', ['-', '-o', '-']);
    const input = place.read('in.mkv');
    const result = spawnSync(process.env.BACKDROP_BINARY, args, { input, maxBuffer: 1 << 28 });
    assert.equal(result.stderr.toString(), '');
    place.write('out.mkv', result.stdout);
    assert.deepEqual(numbers(place.path('out.mkv')), ten);
    assert.equal(hashOf(place.path('out.mkv'), '0:a'), hashOf(place.path('in.mkv'), '0:a'));
  });
});

describe('several inputs', needsAll, () => {
  test('go to a folder, and one that fails does not stop the others', () => {
    clip('a.mp4', ...numbered(0.3), ...h264);
    clip('b.gif', ...numbered(0.3));
    place.write('c.png', png({ width: 16, height: 16, pixelAt: () => [9, 9, 9] }));
    place.write('d.mp4', 'no video');
    const result = composite('a.mp4', 'b.gif', 'c.png', 'd.mp4', '-o', 'out');
    assert.equal(result.status, 1);
    assert.deepEqual(place.list('out'), ['a.mp4', 'b.mp4', 'c.png']);
    assert.match(result.stderr, /^backdrop: d\.mp4: [^\n]+\nbackdrop: 1 of 4 inputs [^\n]+\n$/);
  });

  test('of a folder', () => {
    mkdirSync(place.path('in'));
    clip('in/a.mp4', ...numbered(0.3), ...h264);
    place.write('in/b.txt', 'beside');
    clip('in/c.tif', ...numbered(0.1), '-frames:v', '1');
    assertComposed(composite('in', '-o', 'out', '--transparent'));
    assert.deepEqual(place.list('out'), ['a.mov', 'c.png']);
  });

  test('are never overwritten', () => {
    const before = clip('a.png', ...numbered(0.1), '-frames:v', '1') && place.read('a.png');
    clip('a.webp', ...numbered(0.1), '-frames:v', '1');
    assertFails(composite('a.webp', 'a.png', '-o', '.'), {
      status: 2,
      names: './a.png',
      says: /is read, so it can't be an output/,
    });
    assert.deepEqual(place.read('a.png'), before);
    assert.deepEqual(place.list(), ['a.png', 'a.webp']);
  });

  test('never overwrite one another', () => {
    for (const name of ['a.png', 'a.webp']) clip(name, ...numbered(0.1), '-frames:v', '1');
    const result = composite('a.png', 'a.webp', '-o', 'out');
    assert.equal(result.status, 1);
    assert.match(result.stderr, /a\.webp: another input is written to out\/a\.png/);
  });
});

describe('a video that is not whole', needsAll, () => {
  // What could be decoded is there, and the loss is told.
  function assertLoses(result, out, says) {
    assertFails(result, { names: out, says });
    assert.ok(means(place.path(out)).length > 0);
  }

  test('cut off', () => {
    clip('in.mkv', ...numbered(3), ...tone(3), ...h264);
    truncateSync(place.path('in.mkv'), statSync(place.path('in.mkv')).size / 2);
    assertLoses(composite('in.mkv', '-o', 'out.mp4'), 'out.mp4', /ends at 0:0.* of 0:03/);
  });

  test('damaged in the middle', () => {
    clip('in.mp4', '-f', 'lavfi', '-i', 'testsrc2=s=128x96:d=2:r=10', ...h264);
    const bytes = place.read('in.mp4');
    bytes.fill(0, Math.floor(bytes.length * 0.4), Math.floor(bytes.length * 0.5));
    place.write('in.mp4', bytes);
    assertLoses(composite('in.mp4', '-o', 'out.mp4'), 'out.mp4', /frames are damaged/);
    // A damaged one behind it does no harm to another.
    clip('good.mp4', ...numbered(), ...h264);
    assertComposed(composite('good.mp4', '-o', 'out.mp4', '--background-video', 'in.mp4'));
  });
});

describe('a video that is refused leaves nothing', needsAll, () => {
  function assertRefused(args, expectation) {
    const before = place.list();
    assertFails(composite(...args), expectation);
    assert.deepEqual(place.list(), before);
  }

  test('no video', () => {
    clip('in.m4a', ...tone());
    assertRefused(['in.m4a', '-o', 'out.mp4'], { names: 'in.m4a', says: /no video stream/ });
  });

  test('text', () => {
    place.write('in.txt', 'words');
    assertRefused(['in.txt', '-o', 'out.mp4'], { names: 'in.txt', says: /neither|Invalid/ });
  });

  test('no file', () => {
    assertRefused(['gone.mp4', '-o', 'out.mp4'], { names: 'gone.mp4', says: /No such file/ });
  });

  test('no frame', () => {
    const packets = ['-frames:v', '1', '-bsf:v', 'noise=amount=1'];
    clip('in.mkv', ...numbered(), ...h264, ...packets);
    assertRefused(['in.mkv', '-o', 'out.mp4'], { names: 'in.mkv' });
  });

  test('encrypted', () => {
    const key = '00112233445566778899aabbccddeeff';
    const scheme = ['-encryption_scheme', 'cenc-aes-ctr', '-encryption_key', key];
    clip('in.mp4', ...numbered(), ...h264, ...scheme, '-encryption_kid', key);
    assertRefused(['in.mp4', '-o', 'out.mp4'], { names: 'in.mp4', says: /is encrypted/ });
  });

  test('HDR', () => {
    const hdr = [
      '-color_primaries',
      'bt2020',
      '-color_trc',
      'smpte2084',
      '-colorspace',
      'bt2020nc',
    ];
    clip('in.mp4', ...numbered(), ...h264, ...hdr, '-pix_fmt', 'yuv420p10');
    assertRefused(['in.mp4', '-o', 'out.mp4'], { names: 'in.mp4', says: /HDR/ });
  });

  test('no folder for the output', () => {
    clip('in.mp4', ...numbered(), ...h264);
    assertRefused(['in.mp4', '-o', 'gone/out.mp4'], {
      names: 'gone/out.mp4',
      says: /no such folder/,
    });
  });

  test('a picture as the output', () => {
    clip('in.mp4', ...numbered(), ...h264);
    assertRefused(['in.mp4', '-o', 'out.png'], {
      names: 'in.mp4',
      says: /is a video; write it to/,
    });
  });

  const calls = {
    'the output is the input': ['in.mp4', '-o', 'in.mp4'],
    'MP4 is not transparent': ['in.mp4', '-o', 'out.mp4', '--transparent'],
    'H.264 is not transparent': ['in.mp4', '-o', 'out.mkv', '--transparent', '--codec', 'h264'],
    'V4L2 is not transparent': [
      ...['in.mp4', '-o', 'out.mkv', '--transparent', '--codec', 'h264_v4l2m2m'],
    ],
    'WebM has no H.264': ['in.mp4', '-o', 'out.webm', '--codec', 'h264'],
    'an unknown codec': ['in.mp4', '-o', 'out.mp4', '--codec', 'nonsense'],
    'a quality out of range': ['in.mp4', '-o', 'out.mp4', '--quality', '64'],
    'a video behind a photo': ['p.png', '-o', 'out.png', '--background-video', 'in.mp4'],
    'two backgrounds': ['in.mp4', '-o', 'o.mp4', '--background-video', 'b.mp4', '--blur', '2'],
    'a raw size that is none': ['-', '-o', 'out.mp4', '--input-format', 'yuv420p,64,10'],
    'an unknown container': ['in.mp4', '-o', '-', '--output-format', 'nonsense'],
  };
  for (const [name, args] of Object.entries(calls)) {
    test(name, () => {
      clip('in.mp4', ...numbered(0.2), ...h264);
      place.write('p.png', png({ width: 8, height: 8, pixelAt: () => [9, 9, 9] }));
      assertRefused(args, { status: 2, names: 'backdrop' });
    });
  }

  test('on a full disk', () => {
    clip('in.mp4', ...numbered(), ...tone(), ...h264);
    const before = place.list();
    const args = withModel('composite', ['in.mp4', '-o', 'out.mp4']);
    assertFails(place.runOnFullDisk(args), { names: 'out.mp4', says: /File too large/ });
    assert.deepEqual(place.list(), before);
  });

  test('on a full disk, as pictures', () => {
    clip('in.mp4', '-f', 'lavfi', '-i', 'testsrc2=s=128x96:d=0.3:r=10', ...h264);
    const args = withModel('composite', ['in.mp4', '-o', 'out-%d.png', ...kept]);
    assertFails(place.runOnFullDisk(args), { names: 'out-%d.png', says: /File too large/ });
    assert.deepEqual(place.list(), ['in.mp4']);
  });
});

describe('a video that is stopped', needsAll, () => {
  const frame = Buffer.concat([Buffer.from('FRAME\n'), Buffer.alloc((64 * 48 * 3) / 2, 128)]);

  // Frames come from a pipe that stays open; the command waits for more.
  async function startAndWait() {
    const args = withModel('composite', ['-', '-o', 'out.mp4']);
    const child = spawn(process.env.BACKDROP_BINARY, args, place.options({}));
    child.stdin.write('YUV4MPEG2 W64 H48 F10:1 Ip A1:1 C420jpeg\n');
    for (let i = 0; i < 30; ++i) child.stdin.write(frame);
    while (place.list().length === 0) await wait(20); // its temporary file
    await wait(300);
    return child;
  }

  test('ends with a file that can be played', async () => {
    const child = await startAndWait();
    const text = child.stderr.setEncoding('utf8').toArray();
    child.kill('SIGINT');
    const [status] = await once(child, 'close');
    const message = (await text).join('');
    assert.match(message, /^backdrop: -: was stopped at 0:0\d\.\d+; out\.mp4 has the rest\n$/);
    assert.equal(status, 1);
    assert.ok(means(place.path('out.mp4')).length > 10);
    assert.deepEqual(place.list(), ['out.mp4']);
  });

  test('ends the work at several', async () => {
    const grey = 'color=0x808080:s=64x48:r=30:d=100';
    for (const name of ['a.mp4', 'b.mp4']) clip(name, '-f', 'lavfi', '-i', grey, ...h264);
    const args = withModel('composite', ['a.mp4', 'b.mp4', '-o', 'out']);
    const child = spawn(process.env.BACKDROP_BINARY, args, place.options({}));
    const text = child.stderr.setEncoding('utf8').toArray();
    while (!existsSync(place.path('out')) || place.list('out').length === 0) await wait(20);
    await wait(300);
    child.kill('SIGINT');
    const [status] = await once(child, 'close');
    const message = (await text).join('');
    assert.match(
      message,
      /^backdrop: a\.mp4: was stopped at [^\n]+\nbackdrop: 2 of 2 inputs [^\n]+\n$/,
    );
    assert.equal(status, 1);
    assert.deepEqual(place.list('out'), ['a.mp4']);
  });

  test('when it has been read to its end is whole', async () => {
    clip('in.mp4', ...numbered(0.3, { size: '640x480' }), ...h264);
    const args = withModel('composite', ['in.mp4', '-o', '-', '--output-format', 'yuv420p']);
    const child = spawn(process.env.BACKDROP_BINARY, args, place.options({}));
    const text = child.stderr.setEncoding('utf8').toArray();
    await once(child.stdout, 'readable'); // and the pipe can't take all
    await wait(300);
    child.kill('SIGINT');
    const output = child.stdout.toArray();
    const [status] = await once(child, 'close');
    assert.equal((await text).join(''), '');
    assert.equal(status, 0);
    assert.equal(Buffer.concat(await output).length, (3 * 640 * 480 * 3) / 2);
  });

  test('twice ends at once and leaves nothing', async () => {
    const child = await startAndWait();
    // Both signals are waiting when it goes on.
    for (const signal of ['SIGSTOP', 'SIGINT', 'SIGTERM', 'SIGCONT']) child.kill(signal);
    const [, signal] = await once(child, 'close');
    assert.ok(['SIGINT', 'SIGTERM'].includes(signal), signal);
    assert.deepEqual(place.list(), []);
  });
});

describe('photos in other formats', needsAll, () => {
  test('turned and mirrored by a matrix', () => {
    const corner = 'color=s=64x48,drawbox=0:0:16:16:white:fill';
    clip('in.mp4', '-f', 'lavfi', '-i', corner, '-frames:v', '1', ...h264, '-pix_fmt', 'yuv420p');
    const bytes = place.read('in.mp4');
    const matrix = bytes.indexOf('tkhd') + 44;
    assert.equal(bytes.readInt32BE(matrix), 1 << 16);
    [0, 1, 0, 1, 0].forEach((value, i) => bytes.writeInt32BE(value << 16, matrix + 4 * i));
    place.write('in.mp4', bytes);
    assertComposed(composite('in.mp4', '-o', 'out.png', ...kept));
    const out = readPng(place.read('out.png'));
    assert.deepEqual([out.width, out.height], [48, 64]);
    assert.ok(out.at(4, 4)[0] > 220);
    assert.ok(out.at(44, 60)[0] < 40);
  });

  for (const name of ['in.webp', 'in.gif', 'in.bmp', 'in.tiff']) {
    test(name, () => {
      const photo = ['-f', 'lavfi', '-i', 'color=0x00ff00:s=64x48', '-frames:v', '1'];
      clip(name, ...photo);
      assertComposed(composite(name, '-o', 'out.png', ...kept));
      const out = readPng(place.read('out.png'));
      assert.deepEqual([out.width, out.height], [64, 48]);
      assertNear(out.at(32, 24), [0, 255, 0, 255], 8);
    });
  }

  test('as a background', () => {
    clip('b.webp', '-f', 'lavfi', '-i', 'color=0x00ff00:s=64x48', '-frames:v', '1');
    place.write('p.png', png({ width: 16, height: 16, pixelAt: () => [128, 128, 128] }));
    assertComposed(composite('p.png', '-o', 'out.png', '--image', 'b.webp'));
    assertNear(readPng(place.read('out.png')).at(8, 8), [0, 255, 0, 255], 8);
  });
});

test('a terminal sees the progress', { skip: needsAll.skip || withoutScript() }, () => {
  clip('in.mkv', ...numbered(6), ...h264);
  const words = [process.env.BACKDROP_BINARY, ...withModel('composite', ['-', '-o', 'out.mkv'])];
  // The pipe stays open until the progress is shown.
  const slowly = `(cat in.mkv; sleep 1.5) | ${words.join(' ')}`;
  const result = spawnSync('script', ['-qec', slowly, '/dev/null'], place.options({}));
  assert.equal(result.status, 0, result.stdout);
  assert.match(result.stdout, /-: \d+%, [\d.]+ frames\/s, \d+ s left, [\d.]+ MB/);
});

// What is told of the clips that are damaged, refused or changed; of all others nothing is.
const told = {
  'alpha-prores4444.mov': /with 8 bits/,
  'anim.webp': /no frame of its video can be decoded/,
  'audio-only.m4a': /no video stream/,
  'audio-only.mp3': /no video stream/,
  'cover.m4a': /no video stream/,
  'cover.mp4': /may show the room/,
  'cut-faststart.mp4': /ends at 0:01.* of 0:02/,
  'cut-moov-last.mp4': /moov atom not found/,
  'cut.mkv': /ends at 0:01.* of 0:02/,
  'cut.webm': /ends at 0:0.* of 0:02/,
  'hole.mkv': /frames are damaged/,
  'hole.mp4': /frames are damaged/,
  'hole.ts': /damaged/,
  'noise.mp4': /frames are damaged/,
  'odd-av1.mp4': /cut off/,
  'odd-mjpeg.avi': /cut off/,
  'pq2020.mp4': /HDR/,
  'resize-h264.mkv': /change their size/,
  'resize-h264.ts': /change their size/,
  'resize-vp8.webm': /change their size/,
  'resize-vp9.webm': /change their size/,
  'resize.h264': /change their size/,
  'text.mp4': /moov atom not found/,
  'two-video.mp4': /may show the room/,
};
const changed = /8 bits|cut off|change their size|may show the room/;

// One for each container and codec, where all would take too long.
const few = [
  ...['alpha-prores4444.mov', 'alpha-vp8.webm', 'anim.apng', 'av1.mp4', 'cut.mkv', 'gray.mkv'],
  ...['fragmented.mp4', 'full-range-mjpeg.mov', 'hevc10.mp4', 'interlaced-mpeg2.ts', 'mpeg4.avi'],
  ...['noise.mp4', 'plain.ts', 'raw.y4m', 'resize-h264.mkv', 'vp9-10bit.webm', 'wmv.wmv'],
];

// By their endings, so that no two of a group have outputs of the same name; pictures are alone,
// because with others they would become pictures.
function groupsOf(names) {
  const groups = {};
  for (const name of names) {
    const isPicture = /\.(?:apng|jpg|png|webp)$/.test(name);
    const ending = /\.(?:mkv|mov|mp4|ts|webm)$/.exec(name)?.[0] ?? '.other';
    (groups[isPicture ? `${name}.mkv` : ending] ??= []).push(name);
  }
  return Object.entries(groups);
}

async function assertComeThrough(folder, to, names) {
  const inputs = names.map((name) => join(folder, name));
  const args = [...inputs, '-o', to, '--color', '#000000']; // which is encoded fast
  // x265 leaks, which a sanitized build would tell.
  const environment = { ASAN_OPTIONS: 'detect_leaks=0' };
  const { status, stderr } = await place.start(withModel('composite', args), environment);
  const lines = stderr.split('\n');
  const saysOf = (name) => lines.filter((line) => line.includes(`/${name}: `)).join('\n');
  for (const name of names) assert.match(saysOf(name), told[name] ?? /^$/, name);
  const whole = names.filter((name) => !told[name] || changed.test(saysOf(name)));
  const failed = names.length - whole.length;
  assert.equal(status, failed ? 1 : 0, stderr);
  if (failed && names.length > 1) assert.ok(stderr.includes(`: ${failed} of ${names.length} in`));
  if (whole.length === 0) return;

  const outputs = names.length > 1 ? place.list(to).map((name) => join(to, name)) : [to];
  const stem = (path) => basename(path).replace(/\..*$/, '');
  const outputOf = (name) => outputs.find((path) => stem(path) === stem(name));
  const written = frameCounts(
    whole.map((name) => place.path(outputOf(name))),
    ['-c', 'copy'],
  );
  const read = frameCounts(whole.map((name) => join(folder, name)));
  whole.forEach((name, i) => assert.equal(written[i], read[i], name));
}

test(
  'all clips come through, or it is told why not',
  { skip: needsAll.skip || withoutClips },
  async () => {
    const folder = allClips();
    const left = groupsOf(process.env.BACKDROP_FEW_CLIPS ? few : readdirSync(folder));
    const work = async () => {
      for (let group = left.pop(); group; group = left.pop()) {
        await assertComeThrough(folder, ...group);
      }
    };
    await Promise.all([work(), work()]);
  },
);

function withoutScript() {
  return spawnSync('script', ['--version']).status === 0 ? false : 'there is no script';
}
