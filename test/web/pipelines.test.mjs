// The table of docs/web.md: what each pipeline makes of each kind of frame and of background picture.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { browserNames, launchBrowser, withoutBrowser } from './support/browsers.mjs';
import { folders } from './support/folders.mjs';

import { withoutGpu } from '../cli/gpu.mjs';
import { composite, withoutCommandLine } from './support/command-line.mjs';
import { spoiled } from './support/faults.mjs';
import { placesOfGrid } from './support/frame-samples.mjs';
import { backgrounds, expectedOf, files } from './support/picture-files.mjs';
import { serve } from './support/server.mjs';
import { colourNetwork } from './support/tflite.mjs';

const bt709 = { matrix: 'bt709', primaries: 'bt709', transfer: 'bt709', fullRange: false };
const bt2020 = { matrix: 'bt2020-ncl', primaries: 'bt2020', transfer: 'bt709', fullRange: false };

/** A kind of frame, and the format that the pipeline `engine` gives before a colour, and cut out. */
const frames = {
  I420: [{ format: 'I420' }, 'I420', 'RGBA'],
  NV12: [{ format: 'NV12' }, 'NV12', 'RGBA'],
  I422: [{ format: 'I422' }, 'RGBA', 'RGBA'],
  I444: [{ format: 'I444' }, 'RGBA', 'RGBA'],
  I420A: [{ format: 'I420A' }, 'RGBA', 'RGBA'],
  RGBA: [{ format: 'RGBA' }, 'RGBA', 'RGBA'],
  BGRA: [{ format: 'BGRA' }, 'BGRA', 'BGRA'],
  RGBX: [{ format: 'RGBX' }, 'RGBX', 'RGBA'],
  BGRX: [{ format: 'BGRX' }, 'BGRX', 'BGRA'],
  'RGBX with zeros': [{ format: 'RGBX', fourth: 0 }, 'RGBX', 'RGBA'],
  'BGRX with zeros': [{ format: 'BGRX', fourth: 0 }, 'BGRX', 'BGRA'],
  '10 bits': [{ format: 'I420P10' }, 'RGBA', 'RGBA'],
  'no format': [{ format: 'I420', isUnknown: true }, 'RGBA', 'RGBA'],
  'BT.601, full range': [
    { format: 'I420', colorSpace: { ...bt709, matrix: 'smpte170m', fullRange: true } },
    'I420',
    'RGBA',
  ],
  'BT.709': [{ format: 'I420', colorSpace: bt709 }, 'I420', 'RGBA'],
  'BT.709, full range': [
    { format: 'NV12', colorSpace: { ...bt709, fullRange: true } },
    'NV12',
    'RGBA',
  ],
  'BT.2020': [{ format: 'I420', colorSpace: bt2020 }, 'RGBA', 'RGBA'],
  HLG: [{ format: 'I420', colorSpace: { ...bt2020, transfer: 'hlg' } }, 'RGBA', 'RGBA'],
  PQ: [{ format: 'I420', colorSpace: { ...bt2020, transfer: 'pq' } }, 'RGBA', 'RGBA'],
  'an odd size': [{ format: 'I420', width: 333, height: 201 }, 'I420', 'RGBA'],
  'an odd part': [
    { format: 'I420', visibleRect: { x: 80, y: 16, width: 161, height: 121 } },
    'I420',
    'RGBA',
  ],
  'pixels that are not square': [
    { format: 'I420', width: 360, height: 288, displayWidth: 512, displayHeight: 288 },
    'RGBA',
    'RGBA',
  ],
  'a display of half the size': [
    { format: 'I420', displayWidth: 160, displayHeight: 90 },
    'I420',
    'RGBA',
  ],
  'a quarter turn': [{ format: 'I420', rotation: 90 }, 'I420', 'RGBA'],
  'half a turn': [{ format: 'NV12', rotation: 180 }, 'NV12', 'RGBA'],
  'three quarter turns, mirrored': [{ format: 'BGRA', rotation: 270, flip: true }, 'BGRA', 'BGRA'],
  'a mirror': [{ format: 'I420', flip: true }, 'I420', 'RGBA'],
  'RGBA with a hole': [{ format: 'RGBA', upperAlpha: 0 }, 'RGBA', 'RGBA'],
  'BGRA with a hole': [{ format: 'BGRA', upperAlpha: 0 }, 'BGRA', 'BGRA'],
  'I420A with a hole': [{ format: 'I420A', upperAlpha: 0 }, 'RGBA', 'RGBA'],
  'RGBA, half clear': [{ format: 'RGBA', upperAlpha: 160 }, 'RGBA', 'RGBA'],
  'BGRA, half clear': [{ format: 'BGRA', upperAlpha: 160 }, 'BGRA', 'BGRA'],
  'I420A, half clear': [{ format: 'I420A', upperAlpha: 160 }, 'RGBA', 'RGBA'],
};

/** Frames of 320 pixels are beyond what this Worker can read or draw. */
const unreadable = `
  for (const [{ prototype }, name] of [[VideoFrame, 'copyTo'], [OffscreenCanvasRenderingContext2D, 'drawImage']]) {
    const own = prototype[name];
    prototype[name] = function (...given) {
      if ([this, given[0]].some(({ displayWidth }) => displayWidth === 320)) throw new DOMException('no', 'EncodingError');
      return own.apply(this, given);
    };
  }`;

/** The other pipelines give the format of their canvas. */
const formats = {
  webgl2: { color: ['RGBX', 'BGRX', 'RGBA', 'BGRA'], transparent: ['RGBA', 'BGRA'] },
  canvas2d: { color: ['RGBA', 'BGRA'], transparent: ['RGBA', 'BGRA'] },
};

/** Circles that fill a frame's height: a kind of frame, and the picture's size. */
const circles = {
  'a picture of its shape': [{ format: 'I420' }, [640, 360], 180],
  'a wide picture': [{ format: 'I420' }, [1000, 400], 180],
  'pixels that are not square': [frames['pixels that are not square'][0], [1024, 576], 288],
  'a picture of 9000 pixels': [{ format: 'I420' }, [9000, 300], 180],
};

/** What placements make of a picture of quarters, whose last is clear: a letter of a quarter at each place. */
const letters = { a: [160, 160, 64], b: [160, 64, 160], c: [64, 160, 160], '.': [0, 0, 0] };
const blueBars = { ...letters, '.': [32, 64, 160] };
const places = [
  [10 / 320, 100 / 320, 220 / 320, 310 / 320],
  [8 / 180, 60 / 180, 120 / 180, 172 / 180],
];
const wide = [320, 180];
const high = [180, 320];
const contain = { fit: 'contain', color: '#2040a0' };
const placements = [
  [wide, {}, 'aabb aabb cc.. cc..'],
  [wide, { position: [0.5, 0] }, 'aabb aabb aabb cc..'],
  [wide, { position: [0.5, 1] }, 'aabb cc.. cc.. cc..'],
  [wide, { mirror: true }, 'bbaa bbaa ..cc ..cc'],
  [wide, { color: '#2040a0' }, 'aabb aabb cc.. cc..', blueBars],
  [wide, { fit: 'contain' }, '.ab. .ab. .c.. .c..'],
  [wide, { ...contain, position: [1, 0.5] }, '..ab ..ab ..c. ..c.', blueBars],
  [wide, { ...contain, position: [0, 0.5], mirror: true }, '..ba ..ba ...c ...c', blueBars],
  [wide, { ...contain, position: [0, 0] }, 'ab.. ab.. c... c...', blueBars],
  [high, undefined, 'aabb cc.. .... ....', blueBars],
  [high, contain, '.... aabb cc.. ....', blueBars],
  [wide, undefined, '.ab. .ab. .c.. .c..', blueBars],
  [wide, {}, 'aabb aabb cc.. cc..'],
];

const pictures = [
  'ImageData with alpha',
  'ImageBitmap with alpha',
  'straight ImageBitmap with alpha',
  'VideoFrame with alpha',
];
const green = [0, 192, 0];
const isNear = (a, b, tolerance = 8) =>
  b.every((value, channel) => Math.abs(value - a[channel]) <= tolerance);

/** Whether a pixel of a source is the person's, and not clear. */
const isPersons = ([red, , , alpha]) => alpha > 128 && red > 100;

/** Person where the source shows one, over the colour, which is elsewhere; opaque. */
function checkComposited(source, { shown }) {
  source.shown.forEach((pixel, i) => {
    const isPerson = isPersons(pixel);
    const part = isPerson ? pixel[3] / 255 : 0;
    const expected = green.map((value, c) => part * pixel[c] + (1 - part) * value);
    assert.ok(
      isNear(shown[i], expected, isPerson ? 12 : 8),
      `${shown[i]} at ${i}, not ${expected}`,
    );
    assert.equal(shown[i][3], 255, `alpha at ${i}`);
  });
}

/** Person where the source shows one, and nothing elsewhere, not even beneath an alpha of 0. */
function checkCutOut(source, { shown, room = 0 }) {
  source.shown.forEach((pixel, i) => {
    const expected = isPersons(pixel) ? pixel : [0, 0, 0, 0];
    assert.ok(isNear(shown[i], expected, 12), `${shown[i]} at ${i}, not ${expected}`);
  });
  assert.equal(room, 0, `${room} pixels of the room`);
}

/** The source as it is, with its alpha; a canvas shows HLG a little otherwise. */
function checkPassed(kind, source, { shown, format }) {
  source.shown.forEach((pixel, i) => {
    assert.ok(isNear(shown[i], pixel, 24), `${shown[i]} at ${i}, not ${pixel}`);
  });
  if ('upperAlpha' in kind) assert.match(format, /A$/);
}

/** A picture of a file before a background, as it is described. */
function checkFile(file, behind, { size, shown }, tolerance) {
  const expected = expectedOf(file, behind);
  assert.deepEqual(size, expected.size);
  placesOfGrid(...size).forEach(([x, y], i) => {
    const colour = expected.at(x, y);
    assert.ok(isNear(shown[i], colour, tolerance), `${shown[i]} at ${x},${y}, not ${colour}`);
  });
}

const dataUrl = (bytes) => `data:;base64,${Buffer.from(bytes).toString('base64')}`;

/** The backgrounds as a page can be told them. */
const toldBackgrounds = Object.fromEntries(
  Object.entries(backgrounds).map(([name, [background]]) => [
    name,
    background.image ? { ...background, image: dataUrl(background.image) } : background,
  ]),
);

const redPerson = colourNetwork({
  width: 64,
  height: 36,
  weights: [[40, 0, 0]],
  biases: [-20],
  logistic: true,
});

for (const [device, options] of [
  ['CPU', []],
  ['GPU', ['--gpu']],
]) {
  const reason = withoutCommandLine || (device === 'GPU' && withoutGpu);
  describe(`the command line on the ${device}`, { skip: reason }, () => {
    for (const [name, file] of Object.entries(files)) {
      it(`a file: ${name}`, async (test) => {
        for (const [each, [background, behind]] of Object.entries(backgrounds)) {
          await test.test(`before ${each}`, () =>
            checkFile(file, behind, composite(redPerson, file.bytes, background, ...options), 3),
          );
        }
      });
    }
  });
}

for (const browserName of browserNames) {
  describe(`the pipelines in ${browserName}`, { skip: withoutBrowser(browserName) }, () => {
    let server, browser, page;
    const call = (...given) => page.call('inWorkerOf', 'in-worker-pipelines.mjs', ...given);

    before(async () => {
      const answers = {
        '/red-person.tflite': { type: 'application/octet-stream', body: Buffer.from(redPerson) },
        '/favicon.ico': { status: 204 },
        ...spoiled('engine/worker.js', unreadable),
      };
      server = await serve(
        { '/faulty/': `${folders.package}/dist`, '/': folders.root },
        { answers },
      );
      browser = await launchBrowser(browserName, { gpu: true });
      page = await browser.open(`${server.address}/test/web/support/blank.html`);
    });
    after(async () => {
      await browser?.close();
      server?.close();
    });

    it('survive a frame that can be neither read nor drawn', async () => {
      const { error, next } = await page.call('unreadableFrame', '/faulty/');
      assert.equal(error.code, 'frame');
      assert.equal(next, 'I420');
    });

    for (const pipeline of ['engine', 'webgl2', 'canvas2d']) {
      it(pipeline, async (test) => {
        const problem = await call('problemOf', pipeline);
        if (problem) return test.skip(`${pipeline} is not here: ${problem}`);
        for (const [name, [kind, opaque, clear]] of Object.entries(frames)) {
          await test.test(name, async (test) => {
            const answer = await call('processFrame', pipeline, kind).catch(
              ({ message }) => message,
            );
            if (/^[^.]*VideoFrame constructor/.test(answer)) return test.skip(answer);
            assert.equal(typeof answer, 'object', answer);
            const { isStraight, source, color, transparent, none } = answer;
            if ('upperAlpha' in kind && source.shown.every(([, , , alpha]) => alpha === 255)) {
              return test.skip('this browser draws the frame without its alpha');
            }
            if (kind.upperAlpha > 0 && pipeline === 'engine' && !isStraight) {
              return test.skip(
                'this browser premultiplies colours, which the engine does not expect',
              );
            }
            for (const [each, result] of Object.entries({ color, transparent, none })) {
              const own = each === 'transparent' ? clear : opaque;
              const allowed = formats[pipeline]?.[each === 'none' ? 'color' : each] ?? [own];
              assert.ok(allowed.includes(result.format), `${result.format} for ${each}`);
              assert.deepEqual(result.size, source.size);
              assert.equal(result.timestamp, 7);
            }
            checkComposited(source, color);
            checkCutOut(source, transparent);
            checkPassed(kind, source, none);
          });
        }
        for (const [name, file] of Object.entries(files)) {
          await test.test(`a file: ${name}`, async (test) => {
            const answers = await call(
              'processFile',
              pipeline,
              dataUrl(file.bytes),
              toldBackgrounds,
            );
            for (const [background, [, behind]] of Object.entries(backgrounds)) {
              await test.test(`before ${background}`, () =>
                checkFile(file, behind, answers[background], 12),
              );
            }
          });
        }
        for (const name of pictures) {
          await test.test(name, async () => {
            const shown = await call('showBands', pipeline, name);
            const expected = [
              [192, 64, 0],
              [128, 128, 128],
              [128, 0, 0],
              [0, 0, 0],
            ];
            expected.forEach((colour, i) => {
              assert.ok(isNear(shown[i], [...colour, 255], 3), `${shown[i]}, not ${colour}`);
            });
          });
        }
        await test.test('pictures with a placement', async () => {
          const frames = placements.map(([size, placement]) => [size, placement]);
          const { shown, open } = await call('showPlaced', pipeline, places, frames);
          assert.equal(open, 0);
          placements.forEach(([size, placement, pattern, colours = letters], i) => {
            pattern.split(' ').forEach((row, y) => {
              [...row].forEach((letter, x) => {
                const told = `${shown[i][y][x]}, not ${letter}, at ${x},${y} of ${size} with ${JSON.stringify(placement)}`;
                assert.ok(isNear(shown[i][y][x], colours[letter]), told);
              });
            });
          });
        });
        for (const [name, [kind, size, diameter]] of Object.entries(circles)) {
          await test.test(`a circle: ${name}`, async () => {
            const [across, down] = await call('showCircle', pipeline, kind, size);
            assert.ok(Math.abs(across - diameter) <= 4, `${across} across, not ${diameter}`);
            assert.ok(Math.abs(down - diameter) <= 4, `${down} down, not ${diameter}`);
          });
        }
      });
    }
  });
}
