// Colours of photos and backgrounds: profiles that stay, that are converted, and that are ignored.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';

import { Workplace, assertNear, assertSucceeds, needsGpu, withDrivers } from './backdrop.mjs';
import { colourNetwork } from '../web/support/tflite.mjs';
import { PngColor, jpeg, png, readPng } from './pictures.mjs';
import {
  cmykProfile,
  convert,
  greyProfile,
  iccChunk,
  iccSegments,
  pngChunks,
  profileIn,
  profileOf,
  rgbProfile,
  spaces,
} from './profiles.mjs';

const size = { width: 32, height: 24 };
const { sRgb, adobe, displayP3, linear } = spaces;
const adobeProfile = rgbProfile(adobe);
const person = [61, 146, 89];
const personOfJpeg = { blockAt: () => [114, 114, 90] }; // the same, as YCbCr

/** A network that gives one probability everywhere, by its logit. */
function constantNetwork(logit) {
  const layer = { weights: [[0, 0, 0]], biases: [logit], logistic: true };
  return colourNetwork({ width: 32, height: 32, ...layer });
}

let place;
beforeEach(() => {
  place = new Workplace();
  place.write('everyone.tflite', constantNetwork(20));
  place.write('nobody.tflite', constantNetwork(-20));
});
afterEach(() => place.remove());

const flat = (color, options = {}) => png({ ...size, pixelAt: () => color, ...options });
const flatJpeg = (options) => jpeg({ ...size, components: 3, ...options });
const withProfile = (profile) => ({ chunks: [iccChunk(profile)] });

// How the command line describes a model that it does not know is none of this file's matter.
function run(args, environment) {
  const options = ['--output-kind', 'probability', '--input-range', '0,1'];
  const result = place.run([...args, ...options], environment);
  return { ...result, stderr: result.stderr.replace(/^backdrop: \w+\.tflite: .*\n/gm, '') };
}

function composite(photo, ...more) {
  const environment = more.includes('--gpu') ? withDrivers : {};
  assertSucceeds(run(['composite', photo, '-o', 'out.png', ...more], environment));
  return place.read('out.png');
}
// What is clear in the photo is white in the result.
const keepPhoto = (photo, ...more) => {
  const behind = more.length > 0 ? more : ['--color', '#ffffff'];
  return composite(photo, '--model', 'everyone.tflite', ...behind);
};
const keepBackground = (photo, ...more) => composite(photo, '--model', 'nobody.tflite', ...more);
const colorIn = (file) => readPng(file).at(5, 7).slice(0, 3);

/** The colour of a JPEG's pixels, whatever its profile. */
function colorInJpeg(name) {
  return colorIn(keepPhoto(name));
}

describe('the colours of every kind of picture', () => {
  const { grey, rgb, palette, greyAlpha, rgba } = PngColor;
  const ramp = (x, y) => [8 * x, 10 * y, 77];
  const index = (count) => (x, y) => [(x + y) % count];
  const greys = (count) => (x, y) => Array(3).fill((255 * ((x + y) % count)) / (count - 1));
  const colors = Array.from({ length: 16 }, (_, i) => [16 * i, 255 - 16 * i, 9 * i]);
  const paletted = (count) => ({
    ...{ color: palette, palette: colors.slice(0, count), pixelAt: index(count) },
    shown: (x, y) => colors[(x + y) % count],
  });
  const white = [255, 255, 255];
  const isClear = (x) => x % 3 === 0;
  const kinds = {
    RGB: { pixelAt: ramp },
    'RGB, interlaced': { pixelAt: ramp, interlaced: true },
    'RGB, interlaced, of 3x2 pixels': { pixelAt: ramp, interlaced: true, width: 3, height: 2 },
    'RGB of 16 bits': {
      depth: 16,
      pixelAt: (x, y) => ramp(x, y).flatMap((value) => [value, value]),
      shown: ramp,
    },
    'RGB with a clear colour': {
      pixelAt: (x, y) => (isClear(x) ? [1, 2, 3] : ramp(x, y)),
      chunks: [['tRNS', [0, 1, 0, 2, 0, 3]]],
      shown: (x, y) => (isClear(x) ? white : ramp(x, y)),
    },
    RGBA: {
      color: rgba,
      pixelAt: (x, y) => [...ramp(x, y), isClear(x) ? 0 : 255],
      shown: (x, y) => (isClear(x) ? white : ramp(x, y)),
    },
    'RGBA of 16 bits, interlaced': {
      ...{ color: rgba, depth: 16, interlaced: true },
      pixelAt: (x, y) => [...ramp(x, y), 255].flatMap((value) => [value, value]),
      shown: ramp,
    },
    'grey and alpha': {
      color: greyAlpha,
      pixelAt: (x) => [100, isClear(x) ? 0 : 255],
      shown: (x) => (isClear(x) ? white : [100, 100, 100]),
    },
    'grey with a clear shade': {
      color: grey,
      pixelAt: (x) => [isClear(x) ? 9 : 100],
      chunks: [['tRNS', [0, 9]]],
      shown: (x) => (isClear(x) ? white : [100, 100, 100]),
    },
    ...Object.fromEntries(
      [1, 2, 4].flatMap((depth) => [
        [
          `grey of ${depth} bits`,
          { color: grey, depth, pixelAt: index(2 ** depth), shown: greys(2 ** depth) },
        ],
        [`a palette of ${depth} bits`, { depth, ...paletted(2 ** depth) }],
      ]),
    ),
    'a palette of 8 bits, interlaced': { interlaced: true, ...paletted(16) },
    'a palette with a clear colour': {
      ...paletted(4),
      chunks: [['tRNS', [255, 0]]],
      shown: (x, y) => ((x + y) % 4 === 1 ? white : colors[(x + y) % 4]),
    },
  };
  for (const [name, kind] of Object.entries(kinds)) {
    test(`PNG, ${name}`, () => {
      const { shown = kind.pixelAt, ...options } = { color: rgb, ...size, ...kind };
      place.write('photo.png', png(options));
      const out = readPng(keepPhoto('photo.png'));
      for (let y = 0; y < options.height; ++y) {
        for (let x = 0; x < options.width; ++x) {
          assert.deepEqual(out.at(x, y), [...shown(x, y), 255], `at ${x},${y}`);
        }
      }
    });
  }

  // libjpeg smooths a progressive picture without finer coefficients.
  for (const [progressive, tolerance] of [
    [false, 1],
    [true, 12],
  ]) {
    test(`JPEG, ${progressive ? 'progressive' : 'baseline'}`, () => {
      const blockAt = (x, y) => [40 * x + 30 * y, 128, 128];
      place.write('photo.jpg', flatJpeg({ progressive, blockAt }));
      const out = readPng(keepPhoto('photo.jpg'));
      for (let y = 4; y < 24; y += 8) {
        for (let x = 4; x < 32; x += 8) {
          const [luma] = blockAt(x >> 3, y >> 3);
          assertNear(out.at(x, y), [luma, luma, luma, 255], tolerance);
        }
      }
    });
  }
});

test('a matte is black where the photo is clear', () => {
  const pixelAt = (x) => [...person, 255 - 8 * x];
  place.write('photo.png', png({ ...size, color: PngColor.rgba, pixelAt }));
  assertSucceeds(run(['matte', 'photo.png', '-o', 'out.png', '--model', 'everyone.tflite']));
  const out = readPng(place.read('out.png'));
  for (const x of [0, 12, 31]) assertNear(out.at(x, 7), [255 - 8 * x], 1);
});

describe("a photo's profile stays", () => {
  const photos = {
    'of a PNG': ['photo.png', flat(person, withProfile(adobeProfile))],
    'of a JPEG': ['photo.jpg', flatJpeg({ segments: iccSegments(adobeProfile), ...personOfJpeg })],
  };
  for (const [name, [photo, bytes]] of Object.entries(photos)) {
    test(`${name}, in both formats`, () => {
      place.write(photo, bytes);
      const out = keepPhoto(photo);
      assert.deepEqual(profileIn(out), adobeProfile);
      assertNear(colorIn(out), person, 3);
      assert.equal(pngChunks(out).get('sRGB'), undefined);

      assertSucceeds(run(['composite', photo, '-o', 'out.jpg', '--model', 'everyone.tflite']));
      assert.deepEqual(profileIn(place.read('out.jpg')), adobeProfile);
      assertNear(colorInJpeg('out.jpg'), colorIn(out), 2);
    });
  }

  test('in several parts, with bytes behind its end', () => {
    const large = rgbProfile({ ...adobe, more: [['desc', Buffer.alloc(150_000, 'Backdrop')]] });
    const stored = Buffer.concat([large, Buffer.alloc(3)]);
    const segments = iccSegments(stored);
    assert.ok(segments.length > 2);
    const photo = flatJpeg({ segments: segments.toReversed(), ...personOfJpeg });
    place.write('photo.jpg', photo);
    assertSucceeds(run(['composite', 'photo.jpg', '-o', 'out.jpg', '--model', 'everyone.tflite']));
    assert.deepEqual(profileIn(place.read('out.jpg')), large);
    assert.deepEqual(profileIn(keepPhoto('photo.jpg')), large);
  });

  test('but not in PNG if libpng rejects it: the colours are converted to sRGB', () => {
    const strange = Buffer.from(adobeProfile);
    strange.writeUInt32BE(0x20000, 64); // the rendering intent
    const segments = iccSegments(strange);
    place.write('photo.jpg', flatJpeg({ segments, ...personOfJpeg }));
    assertSucceeds(run(['composite', 'photo.jpg', '-o', 'out.jpg', '--model', 'everyone.tflite']));
    assert.deepEqual(profileIn(place.read('out.jpg')), strange);
    const out = keepPhoto('photo.jpg');
    assert.equal(profileIn(out), undefined);
    assertNear(colorIn(out), convert(person, adobe, sRgb), 2);
  });

  test('a photo without one is sRGB, and says so as PNG', () => {
    place.write('photo.png', flat(person));
    const out = keepPhoto('photo.png');
    assert.equal(profileIn(out), undefined);
    assert.equal(pngChunks(out).get('sRGB').length, 1);
    assert.deepEqual(colorIn(out), person);
  });

  test('a matte has none', () => {
    place.write('photo.png', flat(person, withProfile(adobeProfile)));
    assertSucceeds(run(['matte', 'photo.png', '-o', 'out.png', '--model', 'everyone.tflite']));
    assert.equal(profileIn(place.read('out.png')), undefined);
    assert.deepEqual(readPng(place.read('out.png')).at(5, 7), [255]);
  });

  test('in a cut-out', () => {
    place.write('photo.png', flat(person, withProfile(adobeProfile)));
    const out = keepPhoto('photo.png', '--transparent');
    assert.deepEqual(profileIn(out), adobeProfile);
    assert.deepEqual(readPng(out).at(5, 7), [...person, 255]);
  });
});

describe("a background is converted to the photo's colours", () => {
  const photos = {
    'Adobe RGB': [adobe, withProfile(adobeProfile)],
    sRGB: [sRgb, {}],
  };
  const backgrounds = {
    'a colour': [sRgb, ['--color', '#3d9259']],
    'a picture of sRGB': [sRgb, ['--image', 'behind.png'], {}],
    'a picture of Display P3': [
      displayP3,
      ['--image', 'behind.png'],
      withProfile(rgbProfile(displayP3)),
    ],
    'a picture of Adobe RGB': [adobe, ['--image', 'behind.png'], withProfile(adobeProfile)],
  };
  for (const [photoName, [photoSpace, photoOptions]] of Object.entries(photos)) {
    for (const [name, [space, args, options]] of Object.entries(backgrounds)) {
      for (const gpu of [[], ['--gpu']]) {
        const skip = gpu.length > 0 ? needsGpu : {};
        test(`${name} behind a photo of ${photoName}${gpu.join('')}`, skip, () => {
          place.write('photo.png', flat([90, 20, 200], photoOptions));
          if (options) place.write('behind.png', flat(person, options));
          const shown = colorIn(keepBackground('photo.png', ...args, ...gpu));
          assertNear(shown, convert(person, space, photoSpace), 2);
        });
      }
    }
  }
});

describe('a photo is converted to sRGB', () => {
  const photos = {
    'of linear RGB': [
      'photo.png',
      flat(person, withProfile(rgbProfile(linear))),
      convert(person, linear, sRgb),
    ],
    'of a grey profile': [
      'photo.png',
      flat([128], { color: PngColor.grey, ...withProfile(greyProfile(1.5)) }),
      convert([128, 128, 128], { ...linear, decode: (value) => value ** 1.5 }, sRgb),
    ],
    'of a grey profile, as JPEG': [
      'photo.jpg',
      flatJpeg({ components: 1, segments: iccSegments(greyProfile(1.5)), blockAt: () => [128] }),
      convert([128, 128, 128], { ...linear, decode: (value) => value ** 1.5 }, sRgb),
    ],
    'of CMYK with a profile': [
      'photo.jpg',
      flatJpeg({
        components: 4,
        segments: iccSegments(cmykProfile()),
        blockAt: () => [255, 0, 0, 0],
      }),
      [162, 162, 162], // of a lightness of 66.7
    ],
    'of inverted CMYK with a profile': [
      'photo.jpg',
      flatJpeg({
        components: 4,
        adobe: 0,
        segments: iccSegments(cmykProfile()),
        blockAt: () => [0, 255, 255, 255],
      }),
      [162, 162, 162],
    ],
  };
  for (const [name, [photo, bytes, expected]] of Object.entries(photos)) {
    test(name, () => {
      place.write(photo, bytes);
      const out = keepPhoto(photo);
      assert.equal(profileIn(out), undefined);
      assertNear(colorIn(out), expected, 2);
      assert.equal(readPng(out).at(5, 7)[3], 255);
    });
  }

  test('of linear RGB, with its alpha', () => {
    const rgba = { color: PngColor.rgba, ...withProfile(rgbProfile(linear)) };
    place.write('photo.png', flat([0, 0, 0, 128], rgba));
    assertNear(colorIn(keepPhoto('photo.png')), [127, 127, 127], 1);
  });
});

describe("PNG's own chunks", () => {
  const hundredThousandths = (values) =>
    values.flatMap((value) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(Math.round(value * 100_000));
      return [...bytes];
    });
  const gamma = (value) => ['gAMA', hundredThousandths([value])];
  const ofSrgb = [0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06];
  const ofP3 = [0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06];
  const places = (values) => ['cHRM', hundredThousandths(values)];
  const shownAs = (out) => {
    const profile = profileIn(out);
    return { profile, color: colorIn(out) };
  };

  for (const [name, chunks] of Object.entries({
    'gAMA of sRGB': [gamma(0.45455)],
    'gAMA and cHRM of sRGB': [gamma(0.45455), places(ofSrgb)],
    'sRGB, whatever gAMA and cHRM say': [gamma(0.45455), places(ofP3), ['sRGB', [0]]],
  })) {
    test(`${name}: nothing changes`, () => {
      place.write('photo.png', flat(person, { chunks }));
      assert.deepEqual(shownAs(keepPhoto('photo.png')), { profile: undefined, color: person });
    });
  }

  test('cHRM of Display P3 becomes a profile, and the values stay', () => {
    place.write('photo.png', flat(person, { chunks: [gamma(0.45455), places(ofP3)] }));
    const { profile, color } = shownAs(keepPhoto('photo.png'));
    assert.ok(profile);
    assert.deepEqual(color, person);
    // Behind another photo they show what the profile says.
    place.write('other.png', flat([9, 9, 9]));
    place.write('behind.png', place.read('out.png'));
    const shown = colorIn(keepBackground('other.png', '--image', 'behind.png'));
    assertNear(shown, convert(person, displayP3, sRgb), 2);
  });

  test('gAMA of linear light: the colours are converted', () => {
    place.write('photo.png', flat(person, { chunks: [gamma(1)] }));
    const { profile, color } = shownAs(keepPhoto('photo.png'));
    assert.equal(profile, undefined);
    assertNear(color, convert(person, linear, sRgb), 2);
  });

  test('gAMA and cHRM count for nothing beside a profile', () => {
    const chunks = [iccChunk(adobeProfile), gamma(1), places(ofP3)];
    place.write('photo.png', flat(person, { chunks }));
    assert.deepEqual(shownAs(keepPhoto('photo.png')), { profile: adobeProfile, color: person });
  });

  test('no text is written', () => {
    const words = Buffer.from('Comment\0by whom');
    place.write(
      'photo.png',
      flat(person, {
        chunks: [
          ['tEXt', words],
          ['tIME', Buffer.alloc(7, 1)],
        ],
      }),
    );
    const written = [...pngChunks(keepPhoto('photo.png')).keys()];
    assert.deepEqual(written.sort(), ['IDAT', 'IEND', 'IHDR', 'cHRM', 'gAMA', 'sRGB']);
  });
});

describe('a profile that is ignored, which a line says', () => {
  const edited = (edit, profile = adobeProfile) => {
    const bytes = Buffer.from(profile);
    return edit(bytes) ?? bytes;
  };
  const profiles = {
    'of no bytes': Buffer.alloc(0),
    'of 4 bytes': adobeProfile.subarray(0, 4),
    'of its header': adobeProfile.subarray(0, 128),
    'cut in its tags': adobeProfile.subarray(0, 200),
    'cut in its curves': adobeProfile.subarray(0, -10),
    'that says it has 4 GB': edited((bytes) => void bytes.writeUInt32BE(0xffffffff, 0)),
    'that says it has 0 bytes': edited((bytes) => void bytes.writeUInt32BE(0, 0)),
    'without its signature': edited((bytes) => void bytes.write('????', 36)),
    'with 4 billion tags': edited((bytes) => void bytes.writeUInt32BE(0xffffffff, 128)),
    'with a tag outside': edited((bytes) => bytes.fill(0xff, 132, 132 + 7 * 12)),
    'of zeros': Buffer.alloc(600),
    'of noise': Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * 7919) % 251)),
    'of CMYK': cmykProfile(),
    'of grey': greyProfile(2.2),
    'that says it is of CMYK': rgbProfile({ ...adobe, space: 'CMYK' }),
    'that says it is of Lab': rgbProfile({ ...adobe, space: 'Lab ' }),
    'of an unknown space': edited((bytes) => bytes.fill(0xff, 16, 20)),
    'of a device link': rgbProfile({ ...adobe, kind: 'link' }),
    'of named colours': rgbProfile({ ...adobe, kind: 'nmcl' }),
    'without tags': profileOf({ space: 'RGB ', tags: [] }),
    'of black primaries': rgbProfile({ gamma: 2.2, primaries: Array(3).fill([0, 0, 0]) }),
  };
  for (const [name, profile] of Object.entries(profiles)) {
    test(name, () => {
      const photos = {
        'photo.png': flat(person, withProfile(profile)),
        'photo.jpg': flatJpeg({ segments: iccSegments(profile), ...personOfJpeg }),
      };
      for (const [photo, bytes] of Object.entries(photos)) {
        place.write(photo, bytes);
        const args = ['composite', photo, '-o', 'out.png', '--model', 'everyone.tflite'];
        const result = run(args);
        assert.equal(result.status, 0, result.stderr);
        assert.match(result.stderr, /^backdrop: photo\.\w+: its colour profile is ignored: .+\n$/);
        assert.equal(profileIn(place.read('out.png')), undefined);
        assertNear(colorIn(place.read('out.png')), person, 3);
      }
      const asBackground = run([
        ...['composite', 'photo.png', '-o', 'out.png', '--image', 'photo.jpg'],
        ...['--model', 'nobody.tflite'],
      ]);
      assert.equal(asBackground.status, 0);
      assert.match(asBackground.stderr, /^backdrop: photo\.jpg: its colour profile is ignored/m);
    });
  }

  const segments = iccSegments(adobeProfile, 200);
  for (const [name, parts] of Object.entries({
    'with a missing part': segments.slice(1),
    'with a part twice': [...segments, segments[0]],
    'with parts that are numbered 0': segments.map(([marker, data]) => [marker, data.with(12, 0)]),
    'with parts that disagree on their number': segments.with(0, [
      0xe2,
      segments[0][1].with(13, 200),
    ]),
  })) {
    test(name, () => {
      place.write('photo.jpg', flatJpeg({ segments: parts, ...personOfJpeg }));
      const result = run(['composite', 'photo.jpg', '-o', 'out.png', '--model', 'everyone.tflite']);
      assert.equal(result.status, 0);
      assert.match(result.stderr, /^backdrop: photo.jpg: its colour profile is ignored: .+\n$/);
      assertNear(colorIn(place.read('out.png')), person, 3);
    });
  }

  test('of RGB in a CMYK photo', () => {
    const segments = iccSegments(adobeProfile);
    const photo = flatJpeg({ components: 4, segments, blockAt: () => [255, 0, 255, 0] });
    place.write('photo.jpg', photo);
    const result = run(['composite', 'photo.jpg', '-o', 'out.png', '--model', 'everyone.tflite']);
    assert.match(result.stderr, /^backdrop: photo.jpg: its colour profile is ignored: .+\n$/);
    assertNear(colorIn(place.read('out.png')), [0, 255, 0], 3);
  });
});

describe('pixels per inch stay', () => {
  const densityOf = (file) => {
    if (file[0] !== 0x89) return [...file.subarray(13, 18)];
    const chunk = pngChunks(file).get('pHYs');
    return chunk && [chunk.readUInt32BE(0), chunk.readUInt32BE(4), chunk[8]];
  };
  const both = (photo) => {
    const out = keepPhoto(photo);
    assertSucceeds(run(['composite', photo, '-o', 'out.jpg', '--model', 'everyone.tflite']));
    return [densityOf(out), densityOf(place.read('out.jpg'))];
  };
  const perMetre = (across, down, unit) => {
    const bytes = Buffer.alloc(9, unit);
    bytes.writeUInt32BE(across, 0);
    bytes.writeUInt32BE(down, 4);
    return ['pHYs', bytes];
  };
  const at300and72 = [
    [11811, 2835, 1],
    [1, 1, 44, 0, 72],
  ];

  test("of PNG's pHYs", () => {
    place.write('photo.png', flat(person, { chunks: [perMetre(11811, 2835, 1)] }));
    assert.deepEqual(both('photo.png'), at300and72);
  });

  test('of JFIF', () => {
    const density = { unit: 1, across: 300, down: 72 };
    place.write('photo.jpg', flatJpeg({ density, ...personOfJpeg }));
    assert.deepEqual(both('photo.jpg'), at300and72);
  });

  test('of JFIF, in centimetres', () => {
    const density = { unit: 2, across: 118, down: 50 };
    place.write('photo.jpg', flatJpeg({ density, ...personOfJpeg }));
    assert.deepEqual(both('photo.jpg'), [
      [11800, 5000, 1],
      [1, 1, 44, 0, 127],
    ]);
  });

  test('of EXIF', () => {
    const exif = exifOf([
      [0x11a, 5, [0, 0, 1, 44, 0, 0, 0, 1]],
      [0x11b, 5, [0, 0, 0, 144, 0, 0, 0, 2]],
      [0x128, 3, [0, 2]],
    ]);
    place.write('photo.jpg', flatJpeg({ segments: [[0xe1, exif]], ...personOfJpeg }));
    assert.deepEqual(both('photo.jpg'), at300and72);
  });

  test('and turn with the photo', () => {
    const density = { unit: 1, across: 72, down: 300 };

    place.write('photo.jpg', flatJpeg({ density, orientation: 6, ...personOfJpeg }));
    assert.deepEqual(both('photo.jpg'), at300and72);
  });

  test('where there are none, none is written', () => {
    place.write('photo.png', flat(person, { chunks: [perMetre(1, 1, 0)] }));
    assert.deepEqual(both('photo.png'), [undefined, [0, 0, 1, 0, 1]]);
  });

  test('of a matte', () => {
    place.write('photo.png', flat(person, { chunks: [perMetre(11811, 2835, 1)] }));
    assertSucceeds(run(['matte', 'photo.png', '-o', 'out.png', '--model', 'everyone.tflite']));
    assert.deepEqual(densityOf(place.read('out.png')), at300and72[0]);
  });
});

/** APP1 of a directory's entries: tag, format, and one value's bytes; big-endian. */
function exifOf(entries) {
  const uint16 = (value) => [value >> 8, value & 255];
  const uint32 = (value) => [0, 0, ...uint16(value)];
  const directory = [];
  const beyond = [];
  for (const [tag, format, value] of entries) {
    const isLong = value.length > 4;
    const end = 8 + 2 + 12 * entries.length + 4;
    const field = isLong ? uint32(end + beyond.length) : [...value, 0, 0].slice(0, 4);
    if (isLong) beyond.push(...value);
    directory.push(...uint16(tag), ...uint16(format), ...uint32(1), ...field);
  }
  const head = [...Buffer.from('Exif\0\0MM\0*'), ...uint32(8), ...uint16(entries.length)];
  return [...head, ...directory, 0, 0, 0, 0, ...beyond];
}
