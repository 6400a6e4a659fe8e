// The command line from end to end: what it writes, and how it answers bad input.
import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { deflateSync } from 'node:zlib';

import {
  Workplace,
  assertFails,
  assertNear,
  assertSucceeds,
  needsGpu,
  withDrivers,
} from './backdrop.mjs';
import { PngColor, jpeg, npyHeader, npyOf, png, pngOf, readPng } from './pictures.mjs';

const { models } = JSON.parse(
  readFileSync(new URL('../../catalogue/models.json', import.meta.url), 'utf8'),
);
const folders = (process.env.BACKDROP_MODELS ?? '').split(':').filter(Boolean);
const meet = models.find((model) => model.id === 'meet-full');
const meetPath = folders.map((folder) => join(folder, meet.file)).find((path) => existsSync(path));
const needsModel = { skip: meetPath ? false : `${meet.file} is not in BACKDROP_MODELS` };

const withoutGpu = { __EGL_VENDOR_LIBRARY_DIRS: '/nonexistent' };

// No person is in a picture of one grey, so that what comes out is the background.
const emptyRoom = (width, height) => png({ width, height, pixelAt: () => [128, 128, 128] });

const red = [255, 0, 0];
const green = [0, 255, 0];

let place;
beforeEach(() => {
  place = new Workplace();
});
afterEach(() => place.remove());

// Runs and fails, and leaves the folder as it was.
function assertRefused(args, expectation, environment) {
  const before = place.list();
  assertFails(place.run(args, environment), expectation);
  assert.deepEqual(place.list(), before);
}

describe('a wrong call ends with 2', () => {
  const calls = {
    'no command': [],
    'an unknown command': ['nonsense'],
    'an unknown option': ['models', '--nonsense'],
    'no photo': ['composite', '-o', 'out.png'],
    'no output': ['composite', 'photo.png'],
    'two backgrounds': ['composite', 'p.png', '-o', 'out.png', '--blur', '2', '--transparent'],
    'a blur out of range': ['composite', 'p.png', '-o', 'out.png', '--blur', '21'],
    'a blur that is no number': ['composite', 'p.png', '-o', 'out.png', '--blur', 'much'],
    'a colour that is none': ['composite', 'p.png', '-o', 'out.png', '--color', '#12345g'],
    'a colour with a sign': ['composite', 'p.png', '-o', 'out.png', '--color', '#-12345'],
    'a fit without a picture': ['composite', 'p.png', '-o', 'out.png', '--fit', 'contain'],
    'an unknown fit': ['composite', 'p.png', '-o', 'out.png', '--image', 'b.png', '--fit', 'fill'],
    'a position beside the picture': [
      ...['composite', 'p.png', '-o', 'out.png', '--image', 'b.png', '--position', '0,2'],
    ],
    'a position that is no number': [
      ...['composite', 'p.png', '-o', 'out.png', '--image', 'b.png', '--position', 'nan,0'],
    ],
    'a picture and a blur': [
      ...['composite', 'p.png', '-o', 'out.png', '--image', 'b.png', '--blur', '2'],
    ],
    'a transparent JPEG': ['composite', 'p.png', '-o', 'out.jpg', '--transparent'],
    'an unknown output format': ['composite', 'p.png', '-o', 'out.bmp'],
    'an unknown filter': ['composite', 'p.png', '-o', 'out.png', '--refine', 'much'],
    'light without a GPU': ['composite', 'p.png', '-o', 'out.png', '--light-wrapping', '0.3'],
    'a matte as JPEG': ['matte', 'p.png', '-o', 'out.jpg'],
    'no threads': ['infer', '--model', 'mlkit', '--input', 'a', '--output', 'b', '--threads', '0'],
    'an input size without height': ['matte', 'p.png', '-o', 'out.png', '--input-size', '320'],
    'an input size of 0': ['matte', 'p.png', '-o', 'out.png', '--input-size', '0x180'],
    'an input size too large': ['matte', 'p.png', '-o', 'out.png', '--input-size', '320x4097'],
    'a range of one number': ['matte', 'p.png', '-o', 'out.png', '--input-range', '1'],
    'a range that is backwards': ['matte', 'p.png', '-o', 'out.png', '--input-range', '1,-1'],
    'a range without end': ['matte', 'p.png', '-o', 'out.png', '--input-range', '0,inf'],
    'an unknown output kind': ['matte', 'p.png', '-o', 'out.png', '--output-kind', 'much'],
    'an unknown channel order': ['matte', 'p.png', '-o', 'out.png', '--channel-order', 'grb'],
    'no class': ['matte', 'p.png', '-o', 'out.png', '--classes', '1,,2'],
    'an unknown model': ['infer', '--model', 'nonsense', '--input', 'a', '--output', 'b'],
  };
  for (const [name, args] of Object.entries(calls)) {
    test(name, () => assertRefused(args, { status: 2, names: 'backdrop' }));
  }
});

describe('help', () => {
  for (const args of [['--help'], ['composite', '--help'], ['matte', '--help'], ['infer', '-h']]) {
    test(args.join(' '), () => {
      const result = place.run(args);
      assertSucceeds(result);
      assert.match(result.stdout, /Usage: backdrop/);
      for (const line of result.stdout.split('\n')) assert.ok(line.length <= 100, line);
    });
  }

  test('--version', () => {
    assert.match(place.run(['--version']).stdout, /^backdrop \d+\.\d+\.\d+\n$/);
  });
});

describe('models', () => {
  test('lists the catalogue with what is missing and where it is from', () => {
    const result = place.run(['models'], { BACKDROP_MODELS: '' });
    assertSucceeds(result);
    const rows = result.stdout.split('\n\n');
    assert.equal(rows.length, models.length);
    for (const [index, { id, file, source, classNames, classes }] of models.entries()) {
      assert.ok(rows[index].startsWith(`${id}\n`));
      assert.ok(rows[index].includes(file));
      assert.ok(rows[index].includes(source.path ?? source.url));
      assert.match(rows[index], new RegExp(`installed +no; .*backdrop models get ${id}$`, 'm'));
      if (!classNames) continue;
      const kept = classes.map((number) => classNames[number]);
      assert.match(rows[index], new RegExp(`classes +${classNames.join(', ')}$`, 'm'));
      assert.match(rows[index], new RegExp(`kept +${kept.join(', ')}$`, 'm'));
    }
  });

  test('tells an intact file from another', needsModel, () => {
    mkdirSync(place.path('wrong'));
    place.write(`wrong/${meet.file}`, 'something else');
    const wrong = place.run(['models'], { BACKDROP_MODELS: 'wrong' });
    assert.ok(wrong.stdout.includes(`no, the SHA-256 is wrong: wrong/${meet.file}`));

    mkdirSync(place.path('right'));
    copyFileSync(meetPath, place.path(`right/${meet.file}`));
    const right = place.run(['models'], { BACKDROP_MODELS: 'wrong::right' });
    assert.ok(right.stdout.includes(`yes, right/${meet.file}`));
  });
});

describe('a model that is', () => {
  const inferWith = (model) => [
    'infer',
    '--model',
    model,
    '--input',
    'in.npy',
    '--output',
    'o.npy',
  ];
  beforeEach(() => {
    const { width, height } = meet.input;
    place.write(
      'in.npy',
      npyOf(npyHeader('|u1', [height, width, 3]), Buffer.alloc(width * height * 3)),
    );
  });

  test('not installed', () => {
    assertRefused(
      inferWith('meet-lite'),
      { names: 'meet-lite', says: /backdrop models get meet-lite/ },
      { BACKDROP_MODELS: '' },
    );
  });

  test('not installed, and none else', () => {
    const args = ['matte', place.write('photo.png', emptyRoom(8, 8)), '-o', 'out.png'];
    assertRefused(args, { names: 'no model is installed' }, { BACKDROP_MODELS: '' });
  });

  test('another than its name says', () => {
    place.write(meet.file, 'something else');
    assertRefused(inferWith(meet.id), { names: meet.file }, { BACKDROP_MODELS: '.' });
  });

  test('missing', () => assertRefused(inferWith('gone.tflite'), { names: 'gone.tflite' }));

  test('a folder', () => {
    mkdirSync(place.path('folder.tflite'));
    assertRefused(inferWith('folder.tflite'), { names: 'folder.tflite', says: /folder/ });
  });

  test('empty', () => {
    assertRefused(inferWith(place.write('empty.tflite', '')), { names: 'empty.tflite' });
  });

  test('of another format', () => {
    assertRefused(inferWith(place.write('foreign.tflite', emptyRoom(64, 64))), {
      names: 'foreign.tflite',
    });
  });

  const damages = {
    'cut to 7 bytes': (bytes) => bytes.subarray(0, 7),
    'cut in half': (bytes) => bytes.subarray(0, bytes.length / 2),
    'cut before its end': (bytes) => bytes.subarray(0, bytes.length - 1000),
    'with wild offsets': (bytes) => bytes.fill(0xff, 8, 64),
    'with wild tables': (bytes) => bytes.fill(0x7f, bytes.length - 4000),
  };
  for (const [name, damage] of Object.entries(damages)) {
    test(name, needsModel, () => {
      place.write('damaged.tflite', damage(readFileSync(meetPath)));
      assertRefused(inferWith('damaged.tflite'), { names: 'damaged.tflite' });
    });
  }

  test('with an operation that is not supported', needsModel, () => {
    const bytes = readFileSync(meetPath);
    bytes.write('Xonvolution2DTransposeBias', bytes.indexOf('Convolution2DTransposeBias'));
    place.write('other.tflite', bytes);
    assertRefused(inferWith('other.tflite'), {
      names: 'other.tflite',
      says: /Xonvolution2DTransposeBias/,
    });
  });
});

describe('infer', needsModel, () => {
  const { width, height } = meet.input;
  const size = width * height * 3;
  const infer = (output = 'out.npy') => [
    ...['infer', '--model', meet.id, '--input', 'in.npy', '--output', output],
  ];

  test('takes bytes and floats for the same, from an id, a path and two threads', () => {
    const bytes = Buffer.from(Array.from({ length: size }, (_, i) => (i * 37) % 256));
    const floats = Buffer.from(
      Float32Array.from(bytes, (value) => Math.fround(value / 255)).buffer,
    );
    place.write('in.npy', npyOf(npyHeader('|u1', [height, width, 3]), bytes));
    assertSucceeds(place.run(infer()));
    const expected = place.read('out.npy');
    assert.match(expected.toString('latin1', 10, 128), /'<f4'.*\(144, 256, 2,? ?\)/);
    assert.equal(expected.length, 128 + width * height * 2 * 4);

    place.write('in.npy', npyOf(npyHeader('<f4', [height, width, 3]), floats, 2));
    assertSucceeds(place.run(infer('floats.npy')));
    assert.ok(place.read('floats.npy').equals(expected));

    copyFileSync(meetPath, place.path('copy.tflite'));
    const byPath = infer('path.npy').with(2, 'copy.tflite');
    assertSucceeds(place.run([...byPath, '--threads', '2']));
    assert.ok(place.read('path.npy').equals(expected));
  });

  const header = npyHeader('|u1', [height, width, 3]);
  const data = Buffer.alloc(size);
  const arrays = {
    'is empty': Buffer.alloc(0),
    'is no .npy file': Buffer.from('P6 256 144 255\n'),
    'is cut in its length': npyOf(header, data).subarray(0, 9),
    'is cut in its header': npyOf(header, data).subarray(0, 40),
    'is cut in its data': npyOf(header, data).subarray(0, -1),
    'holds too much': npyOf(header, Buffer.alloc(size + 1)),
    'is of version 4': npyOf(header, data, 4),
    'is in Fortran order': npyOf(header.replace('False', 'True'), data),
    'is big-endian': npyOf(header.replace('|u1', '>f4'), Buffer.alloc(size * 4)),
    'holds doubles': npyOf(header.replace('|u1', '<f8'), Buffer.alloc(size * 8)),
    'has another shape': npyOf(npyHeader('|u1', [96, 160, 3]), Buffer.alloc(96 * 160 * 3)),
    'has no shape': npyOf(`{'descr': '|u1', 'fortran_order': False, }\n`, data),
    'has two shapes': npyOf(header.replace('{', `{'shape': (1,), `), data),
    'has an unknown key': npyOf(header.replace('{', `{'extra': (1,), `), data),
    'has a shape too large': npyOf(npyHeader('|u1', [2 ** 32, 2 ** 32, 3]), data),
    'has a negative shape': npyOf(npyHeader('|u1', [-1, width, 3]), data),
    'has more after its header': npyOf(`${header}{}`, data),
    'has an open string': npyOf(`{'descr`, data),
  };
  for (const [name, bytes] of Object.entries(arrays)) {
    test(`refuses an array that ${name}`, () => {
      place.write('in.npy', bytes);
      assertRefused(infer(), { names: 'in.npy' });
    });
  }
});

describe('how a model is fed and read', needsModel, () => {
  // The same network in a file that the catalogue does not know.
  const ownModel = meetPath && Buffer.concat([readFileSync(meetPath), Buffer.alloc(4)]);
  const { width, height } = meet.input;
  const bytes = Buffer.from(Array.from({ length: width * height * 3 }, (_, i) => (i * 37) % 256));
  const infer = (values, ...options) => {
    const type = values instanceof Float32Array ? '<f4' : '|u1';
    const data = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    place.write('in.npy', npyOf(npyHeader(type, [height, width, 3]), data));
    const args = ['infer', '--model', meet.id, '--input', 'in.npy', '--output', 'out.npy'];
    assertSucceeds(place.run([...args, ...options]));
    return place.read('out.npy');
  };

  test('--input-range', () => {
    const floats = Float32Array.from(bytes, (value) =>
      Math.fround(-1 + Math.fround((value * 2) / 255)),
    );
    const got = infer(bytes, '--input-range', '-1,1');
    assert.ok(!got.equals(infer(bytes)));
    assert.ok(got.equals(infer(floats)));
  });

  test('--channel-order', () => {
    const swapped = bytes.map((_, i) => bytes[i - (i % 3) + 2 - (i % 3)]);
    const got = infer(bytes, '--channel-order', 'bgr');
    assert.ok(!got.equals(infer(bytes)));
    assert.ok(got.equals(infer(swapped)));
  });

  const matte = (...options) => {
    place.write('photo.png', emptyRoom(64, 48));
    assertSucceeds(
      place.run(['matte', 'photo.png', '-o', 'matte.png', '--model', meet.id, ...options]),
    );
    return readPng(place.read('matte.png')).at(32, 24)[0];
  };

  test('--classes and --output-kind', () => {
    assert.equal(matte(), 0);
    assert.equal(matte('--classes', '0'), 255);
    assert.equal(matte('--classes', 'background'), 255);
    assert.equal(matte('--classes', '0,person'), 255);
    assert.equal(matte('--output-kind', 'arg-max'), 0);
    assert.equal(matte('--output-kind', 'arg-max', '--classes', '0'), 255);
  });

  test('one line says what is assumed of a file that the catalogue does not know', () => {
    const described =
      'backdrop: own.tflite: input 256x144, RGB, 0 to 1 (assumed); ' +
      'output 256x144, 2 logits a pixel (assumed from its shape); kept: class 1 (assumed)\n';
    place.write('own.tflite', ownModel);
    place.write('photo.png', emptyRoom(64, 48));
    for (const command of ['matte', 'composite']) {
      const args = [command, 'photo.png', '-o', 'out.png', '--model', 'own.tflite'];
      const result = place.run(args);
      assert.equal(result.status, 0);
      assert.equal(result.stderr, described);
      const chosen = place.run([...args, '--input-range', '-1,1', '--classes', '0']);
      assert.match(chosen.stderr, /RGB, -1 to 1; .*; kept: class 0\n$/);
    }
  });

  const refusals = {
    'a kind that does not fit': [['--output-kind', 'logit'], /144x256x2, .* needs 1 channel/],
    'a class that is not there': [['--classes', '1,2'], /no class 2; .* classes 0 to 1/],
    'a class beyond all': [['--classes', '99999999999'], /no class 99999999999/],
    'a name that is not there': [
      ['--classes', 'hair'],
      /no class 'hair'; it has background, person/,
    ],
  };
  for (const [name, [options, says]] of Object.entries(refusals)) {
    test(`refuses ${name}`, () => {
      place.write('photo.png', emptyRoom(8, 8));
      const args = ['matte', 'photo.png', '-o', 'out.png', '--model', meet.id, ...options];
      assertRefused(args, { names: meet.id, says });
    });
  }

  test('refuses a name where there are none', () => {
    place.write('own.tflite', ownModel);
    place.write('photo.png', emptyRoom(8, 8));
    const args = ['matte', 'photo.png', '-o', 'out.png', '--model', 'own.tflite'];
    assertRefused([...args, '--classes', 'person'], {
      names: 'own.tflite',
      says: /none .* has a name/,
    });
  });
});

describe('a photo that can be read', needsModel, () => {
  const composite = (photo, ...background) => {
    const environment = background.includes('--gpu') ? withDrivers : {};
    assertSucceeds(place.run(['composite', photo, '-o', 'out.png', ...background], environment));
    return readPng(place.read('out.png'));
  };
  const matte = (photo) => {
    assertSucceeds(place.run(['matte', photo, '-o', 'matte.png']));
    return readPng(place.read('matte.png'));
  };

  for (const [width, height] of [
    [1, 1],
    [1, 300],
    [37, 21],
    [20000, 3],
  ]) {
    test(`${width}x${height} pixels`, () => {
      const photo = place.write('photo.png', emptyRoom(width, height));
      const result = matte(photo);
      assert.deepEqual([result.width, result.height, result.channels], [width, height, 1]);
      const { width: outWidth, height: outHeight } = composite(photo, '--blur', '5');
      assert.deepEqual([outWidth, outHeight], [width, height]);
    });
  }

  const encodings = {
    grey: { color: PngColor.grey, pixelAt: () => [128] },
    'grey, 16 bit': { color: PngColor.grey, depth: 16, pixelAt: () => [128, 128] },
    'grey and alpha': { color: PngColor.greyAlpha, pixelAt: () => [128, 255] },
    palette: { color: PngColor.palette, palette: [[128, 128, 128]], pixelAt: () => [0] },
    'RGB, 16 bit': { color: PngColor.rgb, depth: 16, pixelAt: () => Array(6).fill(128) },
    RGBA: { color: PngColor.rgba, pixelAt: () => [128, 128, 128, 255] },
  };
  for (const [name, encoding] of Object.entries(encodings)) {
    test(`PNG, ${name}`, () => {
      const plain = matte(place.write('plain.png', emptyRoom(32, 24)));
      const encoded = matte(place.write('photo.png', png({ width: 32, height: 24, ...encoding })));
      for (const [x, y] of [
        [0, 0],
        [15, 12],
        [31, 23],
      ]) {
        assert.deepEqual(encoded.at(x, y), plain.at(x, y));
      }
    });
  }

  test('no person: nothing but the background is left', () => {
    const photo = place.write('photo.png', emptyRoom(64, 48));
    const out = composite(photo, '--color', '#2040e0');
    for (const [x, y] of [
      [0, 0],
      [32, 24],
      [63, 47],
    ]) {
      assert.deepEqual(out.at(x, y), [0x20, 0x40, 0xe0, 255]);
    }
    const cut = composite(photo, '--transparent');
    for (let y = 0; y < 48; ++y) {
      for (let x = 0; x < 64; ++x) assert.deepEqual(cut.at(x, y), [0, 0, 0, 0]);
    }
  });

  describe('on the GPU', needsGpu, () => {
    const stripes = png({
      width: 96,
      height: 64,
      pixelAt: (x, y) => [x % 32 < 16 ? 200 : 40, 2 * y, 90],
    });
    for (const background of [
      ['--blur', '6'],
      ['--color', '#2040e0'],
      ['--image', 'behind.png'],
      ['--image', 'behind.png', '--fit', 'contain', '--position', '0.2,1', '--color', '#2040e0'],
      ['--transparent'],
    ]) {
      test(`as on the CPU: ${background.join(' ')}`, () => {
        const photo = place.write('photo.png', stripes);
        place.write('behind.png', emptyRoom(50, 80));
        const onCpu = composite(photo, ...background, '--refine', 'none');
        const onGpu = composite(photo, ...background, '--refine', 'none', '--gpu');
        assert.deepEqual([onGpu.width, onGpu.height], [96, 64]);
        for (let y = 0; y < 64; y += 5) {
          for (let x = 0; x < 96; x += 5) assertNear(onGpu.at(x, y), onCpu.at(x, y), 4);
        }
      });
    }

    for (const filter of ['guided', 'bilateral', 'bilateral-rational', 'bilateral-separable']) {
      test(`--refine ${filter} and light wrapping`, () => {
        const photo = place.write('photo.png', emptyRoom(64, 48));
        const args = ['--color', '#2040e0', '--refine', filter, '--light-wrapping', '0.3'];
        assertNear(composite(photo, ...args, '--gpu').at(32, 24), [0x20, 0x40, 0xe0, 255], 1);
      });
    }
  });

  test('without a GPU: one line says so', () => {
    place.write('photo.png', emptyRoom(64, 48));
    assertRefused(
      ['composite', 'photo.png', '-o', 'out.png', '--gpu'],
      { names: 'GPU', says: /there is no GPU to be used/ },
      withoutGpu,
    );
  });

  // The background's colours show how its file was read.
  const backgroundOf = (name, bytes) => {
    const photo = place.write('photo.png', emptyRoom(64, 64));
    return composite(photo, '--image', place.write(name, bytes));
  };
  const square = { width: 64, height: 64 };

  const halfClear = png({
    ...square,
    color: PngColor.rgba,
    pixelAt: (x) => (x < 32 ? [255, 0, 0, 255] : [255, 0, 0, 0]),
  });
  for (const [name, more] of [
    ['', []],
    [', with --gpu', ['--gpu']],
  ]) {
    test(`transparent parts of a background are black${name}`, more.length ? needsGpu : {}, () => {
      const photo = place.write('photo.png', emptyRoom(64, 64));
      const out = composite(photo, '--image', place.write('b.png', halfClear), ...more);
      assertNear(out.at(4, 32), red);
      assertNear(out.at(60, 32), [0, 0, 0]);
    });
  }

  test('a background lies where --fit and --position say, on --color', () => {
    const photo = place.write('photo.png', emptyRoom(64, 64));
    const wide = png({ width: 96, height: 32, pixelAt: (x) => (x < 48 ? red : green) });
    const behind = ['--image', place.write('b.png', wide)];
    const of = (...more) => composite(photo, ...behind, ...more);
    assertNear(of('--position', '0,0').at(60, 32), red);
    assertNear(of('--position', '1,0.5').at(4, 32), green);
    const all = of('--fit', 'contain', '--position', '0.5,1', '--color', '#2040e0');
    assertNear(all.at(32, 20), [0x20, 0x40, 0xe0]);
    assertNear(all.at(4, 60), red);
    assertNear(all.at(60, 60), green);
  });

  const jpegs = {
    grey: [{ components: 1, blockAt: () => [200] }, [200, 200, 200]],
    YCbCr: [{ components: 3, blockAt: () => [76, 85, 255] }, red],
    CMYK: [{ components: 4, blockAt: () => [255, 0, 255, 0] }, green],
    'CMYK by Adobe': [{ components: 4, adobe: 0, blockAt: () => [0, 255, 0, 255] }, green],
    'YCCK by Adobe': [{ components: 4, adobe: 2, blockAt: () => [179, 171, 1, 255] }, red],
    'CMYK, half black': [
      { components: 4, adobe: 0, blockAt: () => [255, 255, 255, 128] },
      [128, 128, 128],
    ],
  };
  for (const [name, [options, expected]] of Object.entries(jpegs)) {
    test(`JPEG, ${name}`, () => {
      const out = backgroundOf('b.jpg', jpeg({ ...square, ...options }));
      assertNear(out.at(32, 32), expected);
    });
  }

  // Where the first row's first block, red on a white ground, comes to lie.
  const corners = {
    1: [4, 4],
    2: [59, 4],
    3: [59, 59],
    4: [4, 59],
    5: [4, 4],
    6: [59, 4],
    7: [59, 59],
    8: [4, 59],
  };
  for (const [orientation, corner] of Object.entries(corners)) {
    test(`JPEG, EXIF orientation ${orientation}`, () => {
      // Its second block is green, which tells a turn from a reflection.
      const blockAt = (x, y) => {
        if (y > 0 || x > 1) return [255, 128, 128];
        return x === 0 ? [76, 85, 255] : [150, 44, 21];
      };
      const options = { components: 3, orientation: Number(orientation), blockAt };
      const out = backgroundOf('b.jpg', jpeg({ ...square, ...options }));
      assertNear(out.at(...corner), red, 6);
      const inward = (at) => (at === 4 ? 12 : 51);
      const [x, y] = corner;
      assertNear(out.at(...(orientation < 5 ? [inward(x), y] : [x, inward(y)])), green, 6);

      const turned = jpeg({ ...options, width: 40, height: 24 });
      const { width, height } = matte(place.write('photo.jpg', turned));
      assert.deepEqual([width, height], orientation < 5 ? [40, 24] : [24, 40]);
    });
  }

  for (const [orientation, corner] of Object.entries(corners)) {
    test(`PNG, EXIF orientation ${orientation}`, () => {
      const turn = { orientation: Number(orientation) };
      const pixelAt = (x, y) => (x < 8 && y < 8 ? [255, 0, 0] : [255, 255, 255]);
      const out = backgroundOf('b.png', png({ ...square, ...turn, pixelAt }));
      assertNear(out.at(...corner), red);

      const turned = png({ ...turn, width: 40, height: 24, pixelAt });
      const { width, height } = matte(place.write('photo.png', turned));
      assert.deepEqual([width, height], orientation < 5 ? [40, 24] : [24, 40]);
    });
  }

  test('a JPEG is written, and read again', () => {
    const photo = place.write('photo.png', emptyRoom(64, 48));
    assertSucceeds(place.run(['composite', photo, '-o', 'OUT.JPEG', '--color', '#00ff00']));
    assert.equal(place.read('OUT.JPEG').readUInt16BE(0), 0xffd8);
    const out = composite(photo, '--image', 'OUT.JPEG');
    assertNear(out.at(32, 24), green);
  });
});

describe('a photo that cannot be read', needsModel, () => {
  const options = { width: 64, height: 64, components: 3, blockAt: (x, y) => [x * 9, y * 9, 128] };
  const good = { jpg: jpeg(options), png: png({ ...options, pixelAt: (x, y) => [x, y, x ^ y] }) };
  const bomb = (width, height) =>
    pngOf({ width, height, color: PngColor.grey, depth: 8 }, deflateSync(Buffer.alloc(1000)));
  const damagedPng = Buffer.from(good.png);
  damagedPng[damagedPng.length - 40] ^= 0xff;

  const photos = {
    'is empty': ['empty.jpg', ''],
    'is a text': ['text.png', 'no picture\n'],
    'is a GIF': ['picture.png', 'GIF89a\x01\x00\x01\x00'],
    'is a PNG of its signature': ['cut.png', good.png.subarray(0, 8)],
    'is a PNG cut in its header': ['cut.png', good.png.subarray(0, 20)],
    'is a PNG cut in its data': ['cut.png', good.png.subarray(0, 100)],
    'is a PNG with a wrong checksum': ['damaged.png', damagedPng],
    'is a JPEG of its first bytes': ['cut.jpg', good.jpg.subarray(0, 3)],
    'is a JPEG cut in its header': ['cut.jpg', good.jpg.subarray(0, 100)],
    'is a JPEG cut in its data': ['cut.jpg', good.jpg.subarray(0, -30)],
    'is a JPEG cut before its end': ['cut.jpg', good.jpg.subarray(0, -2)],
    'is 40,000 pixels wide': ['wide.png', bomb(40000, 1)],
    'holds too many pixels': ['bomb.png', bomb(30000, 30000)],
  };
  for (const [name, [file, bytes]] of Object.entries(photos)) {
    test(`because it ${name}`, () => {
      place.write(file, bytes);
      assertRefused(['matte', file, '-o', 'out.png'], { names: file });
      assertRefused(['composite', file, '-o', 'out.jpg'], { names: file });
      const photo = place.write('photo.png', emptyRoom(8, 8));
      assertRefused(['composite', photo, '-o', 'out.jpg', '--image', file], { names: file });
    });
  }

  test('because it is missing', () => {
    assertRefused(['composite', 'gone.jpg', '-o', 'out.png'], { names: 'gone.jpg' });
  });

  test('because it is a folder', () => {
    mkdirSync(place.path('folder.jpg'));
    assertRefused(['matte', 'folder.jpg', '-o', 'out.png'], {
      names: 'folder.jpg',
      says: /folder/,
    });
  });
});

describe('an output that cannot be written', needsModel, () => {
  beforeEach(() => place.write('photo.png', emptyRoom(64, 48)));
  const refuse = (output, says) => {
    assertRefused(['matte', 'photo.png', '-o', output], { names: output, says });
    assertRefused(['composite', 'photo.png', '-o', output], { names: output, says });
  };

  test('because it is a folder', () => {
    mkdirSync(place.path('folder.png'));
    refuse('folder.png', /folder/);
    refuse('.', /folder/);
  });

  test('because it has no name', () => {
    const says = /^backdrop: '': the name must end in/;
    assertRefused(['matte', 'photo.png', '-o', ''], { status: 2, names: "''", says });
    assertRefused(['composite', '', '-o', 'out.png'], { names: "''", says: /no such file/i });
  });

  test('because it is a link to itself', () => {
    symlinkSync('loop.png', place.path('loop.png'));
    refuse('loop.png', /link to itself/);
  });

  test('because its folder is missing', () => refuse('gone/out.png', /no such folder/));

  test('because its folder is a file', () => refuse('photo.png/out.png', /directory/i));

  test('because it is a device', () => {
    symlinkSync('/dev/null', place.path('device.png'));
    refuse('device.png', /no regular file/);
  });

  test('because the disk is full: what was there stays', () => {
    place.write('out.png', 'before');
    const noise = (x, y) => [(x * y * 7919) % 251, (x * 31 + y * y) % 241, (x ^ (y * 17)) % 239];
    place.write('noise.png', png({ width: 200, height: 200, pixelAt: noise }));
    const before = place.list();
    const args = ['composite', 'photo.png', '-o', 'out.png', '--image', 'noise.png'];
    assertFails(place.runOnFullDisk(args), { names: 'out.png', says: /too large/i });
    assert.deepEqual(place.list(), before);
    assert.equal(place.read('out.png').toString(), 'before');
  });
});

for (const before of ['a file', undefined]) {
  test(`a link to ${before ?? 'nothing'} as output stays a link`, needsModel, () => {
    mkdirSync(place.path('folder'));
    if (before) place.write('folder/target.png', before);
    symlinkSync('next.png', place.path('link.png'));
    symlinkSync('folder/target.png', place.path('next.png'));
    place.write('photo.png', emptyRoom(16, 16));
    assertSucceeds(place.run(['matte', 'photo.png', '-o', 'link.png']));
    for (const link of ['link.png', 'next.png']) {
      assert.ok(lstatSync(place.path(link)).isSymbolicLink());
    }
    assert.equal(readPng(place.read('folder/target.png')).width, 16);
    assert.deepEqual(place.list('folder'), ['target.png']);
  });
}

describe('an output that is an input', needsModel, () => {
  const { width, height } = meet.input;
  const array = npyOf(npyHeader('|u1', [height, width, 3]), Buffer.alloc(width * height * 3));
  const calls = {
    'the photo': ['composite', 'file.png', '-o', 'file.png'],
    'the photo of a matte': ['matte', 'file.png', '-o', 'file.png'],
    'the photo by another way': ['composite', 'file.png', '-o', './folder/../file.png'],
    'the photo by a link': ['composite', 'file.png', '-o', 'link.png'],
    'the photo by a second name': ['composite', 'file.png', '-o', 'second.png'],
    'the background': ['composite', 'photo.png', '-o', 'file.png', '--image', 'file.png'],
    'the model of a photo': ['matte', 'photo.png', '-o', 'file.png', '--model', 'file.png'],
    'the array': ['infer', '--model', meet.id, '--input', 'in.npy', '--output', 'in.npy'],
    'the model': ['infer', '--model', 'm.npy', '--input', 'in.npy', '--output', 'm.npy'],
  };
  for (const [name, args] of Object.entries(calls)) {
    test(`is refused: ${name}`, () => {
      mkdirSync(place.path('folder'));
      place.write('file.png', emptyRoom(16, 16));
      place.write('photo.png', emptyRoom(16, 16));
      place.write('in.npy', array);
      copyFileSync(meetPath, place.path('m.npy'));
      symlinkSync('file.png', place.path('link.png'));
      linkSync(place.path('file.png'), place.path('second.png'));
      const before = place.read('file.png');
      const output = args[Math.max(args.indexOf('-o'), args.indexOf('--output')) + 1];
      assertRefused(args, { status: 2, names: output, says: /is read, so/ });
      assert.deepEqual(place.read('file.png'), before);
    });
  }
});

describe('a standard output that cannot be written', () => {
  for (const args of ['models', '--help', '--version']) {
    test(`backdrop ${args}`, () => {
      const result = place.runIntoFullDevice([args]);
      assertFails(result, { names: 'the standard output', says: /no space|not all/i });
    });
  }
});
