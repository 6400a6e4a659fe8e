// The engine's TypeScript interface in Node.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { models, pathOf } from '../../web/package/bin/models.mjs';
import { loadEngine, loadModule } from '../../web/package/bin/node.mjs';
import { formatNpy, inputTensor, parseNpy } from '../../web/package/bin/npy.mjs';
import { adjustEngine } from '../../web/package/dist/engine/pipeline.js';
import { Engine, modelOptions } from '../../web/package/dist/index.js';
import { folders, goldenPhotos } from './support/folders.mjs';
import { compareWithDrawing, compareWithGolden, goldenFiles } from './support/golden.mjs';
import { colourNetwork } from './support/tflite.mjs';

const variants = ['scalar', 'simd', 'relaxed'];
const someModel = models.find(pathOf);
const multiclass = models.find(({ id }) => id === 'selfie-multiclass');
const withoutMulticlass = pathOf(multiclass) ? false : 'no selfie multiclass';
const withoutModel = someModel ? false : 'no model is installed';

for (const variant of variants) {
  describe(`answers as TensorFlow Lite does: ${variant}`, () => {
    for (const model of models) {
      const photos = goldenPhotos(model);
      const skip =
        (photos.length === 0 && 'no reference output') || (!pathOf(model) && `no ${model.file}`);
      it(model.id, { skip }, async () => {
        const engine = await loadEngine(variant, model.id, { precision: 'float' });
        for (const photo of photos) {
          const { input, output } = goldenFiles(model, photo);
          const files = [input, output].map((name) => readFileSync(join(folders.golden, name)));
          assert.equal(compareWithGolden(engine, model, photo, ...files), '', photo);
        }
      });
    }

    const skip = pathOf(models.find(({ id }) => id === 'meet-full')) ? false : 'no Meet full';
    it('meet-full on a drawing', { skip }, async () => {
      const engine = await loadEngine(variant, 'meet-full', { precision: 'float' });
      const reference = new URL('../data/meet_full_drawing.txt', import.meta.url);
      assert.equal(compareWithDrawing(engine, readFileSync(reference, 'utf8')), '');
    });
  });
}

/** Fills the engine's frame with noise, and returns a copy of it. */
function fillWithNoise(frame) {
  const { bytes } = frame;
  bytes.forEach((_, i) => (bytes[i] = (i * 2654435761) >>> 24));
  return bytes.slice();
}

describe('the engine', { skip: withoutModel }, () => {
  it('refuses a number of threads that cannot be', async () => {
    const module = await loadModule('simd');
    for (const threads of [0, -1, 1.5, 33, NaN]) {
      await assert.rejects(Engine.create(module, { threads }), { code: 'argument' });
    }
  });

  it('has one thread, and nothing to close, where the module is not built for more', async () => {
    const engine = await Engine.create(await loadModule('simd'), { threads: 2 });
    assert.equal(engine.threads, 1);
    engine.close();
    engine.close();
  });

  it('refuses a frame before a model', async () => {
    const engine = await Engine.create(await loadModule('simd'));
    const frame = engine.frame('RGBA', 16, 8);
    assert.throws(() => engine.process(frame), { name: 'BackdropError', code: 'state' });
  });

  it('refuses what is no model, and keeps the one before', async () => {
    const engine = await loadEngine('simd', someModel.id);
    const before = engine.modelInfo();
    for (const bytes of [new Uint8Array(), new Uint8Array(1000), Buffer.from('<!doctype html>')]) {
      assert.throws(
        () => engine.loadModel(bytes),
        (error) => ['argument', 'model'].includes(error.code) && error.message.length > 0,
      );
    }
    assert.deepEqual(engine.modelInfo(), before);
  });

  it('puts tensors in the place of the file', { skip: withoutMulticlass }, async () => {
    const engine = await loadEngine('simd', 'selfie-multiclass');
    const { networkBytes } = engine.statistics();
    const file = readFileSync(pathOf(multiclass)).byteLength;
    // Both beside each other, and what loading takes besides, would be more.
    const { byteLength } = engine.memory.buffer;
    assert.ok(byteLength < file + networkBytes, `${byteLength} of ${file} and ${networkBytes}`);
  });

  it('refuses a tensor of another length', async () => {
    const engine = await loadEngine('simd', someModel.id);
    assert.throws(() => engine.infer(new Float32Array(3)), { code: 'argument' });
  });

  it('leaves the frame as it is with no background', async () => {
    const engine = await loadEngine('simd', someModel.id);
    engine.setBackground({ kind: 'none' });
    const frame = engine.frame('I420', 65, 37);
    const noise = fillWithNoise(frame);
    engine.process(frame);
    assert.deepEqual(frame.bytes, noise);
  });

  it('puts the colour where the matte is 0, and leaves the picture where it is 255', async () => {
    const engine = await loadEngine('simd', someModel.id);
    engine.setBackground({ kind: 'color', rgb: 0x123456 });
    const frame = engine.frame('RGBA', 320, 181);
    const noise = fillWithNoise(frame);
    engine.process(frame);
    const matte = engine.matte(320, 181);
    const { bytes } = frame;
    let checked = 0;
    matte.forEach((alpha, pixel) => {
      const expected = { 0: [0x12, 0x34, 0x56], 255: noise.subarray(4 * pixel, 4 * pixel + 3) }[
        alpha
      ];
      if (!expected) return;
      ++checked;
      assert.deepEqual([...bytes.subarray(4 * pixel, 4 * pixel + 3)], [...expected]);
    });
    assert.ok(checked > 0);
  });

  it('takes frames of many sizes one after the other', async () => {
    const engine = await loadEngine('simd', someModel.id);
    for (const kind of ['blur', 'image']) {
      const image = { width: 3, height: 2, data: new Uint8Array(24).fill(200) };
      engine.setBackground(kind === 'blur' ? { kind, strength: 3 } : { kind, image });
      for (const format of ['RGBA', 'I420']) {
        for (const [width, height] of [
          [1, 1],
          [1921, 1081],
          [2, 700],
          [640, 360],
        ]) {
          const frame = engine.frame(format, width, height);
          fillWithNoise(frame);
          engine.process(frame);
        }
      }
    }
    const statistics = engine.statistics();
    assert.equal(statistics.frames, 16);
    for (const stage of ['sample', 'infer', 'matte', 'composite'])
      assert.ok(statistics[stage] >= 0);
  });

  it('keeps the matte of a picture at rest, or for the budget, until it is reset', async () => {
    const engine = await loadEngine('simd', someModel.id);
    engine.setBackground({ kind: 'color', rgb: 0 });
    engine.setSteadying(0.5);
    engine.setMotionGate(true);
    const kept = () => {
      const frame = engine.frame('RGBA', 64, 48);
      fillWithNoise(frame);
      engine.process(frame);
      return engine.statistics().kept;
    };
    assert.equal(kept(), 'no');
    assert.equal(kept(), 'still');
    engine.setMotionGate(false);
    engine.setBudget(1e-6);
    const then = Array.from({ length: 5 }, kept);
    assert.deepEqual(then, ['no', 'no', 'no', 'budget', 'budget']);
    const { frames, inferences, interval } = engine.statistics();
    assert.deepEqual({ frames, inferences, interval }, { frames: 7, inferences: 4, interval: 3 });
    engine.reset();
    assert.equal(engine.statistics().interval, 1);
    assert.equal(kept(), 'no');
  });

  it('cuts out RGBA frames, and refuses to cut out I420', async () => {
    const engine = await loadEngine('simd', someModel.id);
    engine.setBackground({ kind: 'transparent' });
    const frame = engine.frame('RGBA', 64, 48);
    fillWithNoise(frame);
    engine.process(frame);
    const alphas = frame.bytes.filter((_, i) => i % 4 === 3);
    assert.deepEqual(alphas, engine.matte(64, 48));
    assert.throws(() => engine.process(engine.frame('I420', 64, 48)), { code: 'argument' });
  });

  it('takes frames as they are stored and coloured', async () => {
    const engine = await loadEngine('simd', someModel.id);
    engine.setBackground({ kind: 'color', rgb: 0x0000ff });
    const cornerOf = (format, options) => {
      const frame = engine.frame(format, 65, 37, options);
      const { bytes, layout } = frame;
      bytes.fill(0); // no person
      engine.process(frame);
      const planes = layout.slice(0, 3).map(({ offset }) => offset);
      return [...(planes.length === 3 ? planes.map((at) => frame.bytes[at]) : frame.bytes)];
    };
    assert.deepEqual(cornerOf('BGRA').slice(0, 4), [255, 0, 0, 255]);
    assert.deepEqual(cornerOf('I420'), [41, 240, 110]);
    assert.deepEqual(cornerOf('I420', { colorSpace: 'bt709' }), [32, 240, 118]);
    assert.deepEqual(cornerOf('I420', { fullRange: true }), [29, 255, 107]);
    assert.deepEqual(cornerOf('I420', { colorSpace: 'bt709', fullRange: true }), [18, 255, 116]);
    assert.deepEqual(cornerOf('NV12').slice(65 * 37, 65 * 37 + 4), [240, 110, 240, 110]);
  });

  it('sets a picture upright for whoever sees the frame', async () => {
    const engine = await loadEngine('simd', someModel.id);
    // Red at the left, green at the right.
    const data = Uint8Array.of(255, 0, 0, 255, 0, 255, 0, 255);
    engine.setBackground({ kind: 'image', image: { width: 2, height: 1, data } });
    const isRed = (options) => {
      const frame = engine.frame('RGBA', 64, 64, options);
      frame.bytes.fill(0);
      engine.process(frame);
      const { bytes } = frame;
      const at = (x, y) => bytes[4 * (64 * y + x)] > 200;
      return [at(0, 0), at(63, 0), at(0, 63), at(63, 63)];
    };
    assert.deepEqual(isRed(), [true, false, true, false]);
    assert.deepEqual(isRed({ rotation: 90 }), [false, false, true, true]);
    assert.deepEqual(isRed({ rotation: 180 }), [false, true, false, true]);
    assert.deepEqual(isRed({ rotation: 270 }), [true, true, false, false]);
    assert.deepEqual(isRed({ flip: true }), [false, true, false, true]);
    assert.throws(() => isRed({ rotation: 45 }), { code: 'argument' });
  });

  it('refuses settings out of range', async () => {
    const engine = await loadEngine('simd', someModel.id);
    for (const strength of [0, -1, 21, NaN]) {
      assert.throws(() => engine.setBackground({ kind: 'blur', strength }), { code: 'argument' });
    }
    assert.throws(() => engine.setCoverage(0.7, 0.2), { code: 'argument' });
    assert.throws(() => engine.setSteadying(1.1), { code: 'argument' });
    const refinement = { kind: 'guided', sigmaSpace: 0, sigmaColor: 0.1 };
    assert.throws(() => engine.setRefinement(refinement), { code: 'argument' });
    engine.setRefinement({ ...refinement, sigmaSpace: 1 });
    const light = { strength: 2, blendMode: 'screen' };
    assert.throws(() => engine.setLightWrapping(light), { code: 'argument' });
    engine.setLightWrapping({ ...light, strength: 1 });
    assert.throws(() => engine.glIsSampled(), { code: 'state' });
    assert.throws(() => engine.setBudget(-1), { code: 'argument' });
    const empty = { width: 0, height: 0, data: new Uint8Array() };
    assert.throws(() => engine.setBackground({ kind: 'image', image: empty }), {
      code: 'argument',
    });
  });
});

describe('a model of one’s own', () => {
  const threeClasses = colourNetwork({
    weights: [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ],
    biases: [10, 20, 30],
  });
  const load = async (tflite, options) => {
    const engine = await Engine.create(await loadModule('simd'));
    engine.loadModel(tflite, options);
    return engine;
  };
  /** The alpha of a frame of one colour, which is the same at all pixels. */
  const alphaOf = (engine, colour = [255, 0, 0]) => {
    engine.setBackground({ kind: 'transparent' });
    const frame = engine.frame('RGBA', 16, 8);
    frame.bytes.forEach((_, i) => (frame.bytes[i] = [...colour, 255][i % 4]));
    engine.process(frame);
    return frame.bytes[3];
  };

  it('is read as its shape tells, and what is assumed is said', async () => {
    const info = (await load(threeClasses)).modelInfo();
    assert.deepEqual(info.input, {
      width: 16,
      height: 8,
      channels: 3,
      min: 0,
      max: 1,
      channelMin: [0, 0, 0],
      channelMax: [1, 1, 1],
    });
    assert.deepEqual(info.output, { width: 16, height: 8, channels: 3, kind: 'logits' });
    assert.equal(info.channelOrder, 'rgb');
    assert.equal(info.classCount, 3);
    assert.deepEqual(info.classes, [1, 2]);
    assert.deepEqual(info.classNames, ['', '', '']);
    assert.match(info.description, /assumed/);
  });

  it('has what its last operation says for one channel', async () => {
    const network = { weights: [[1, 1, 1]], biases: [0] };
    const kindOf = async (logistic) =>
      (await load(colourNetwork({ ...network, logistic }))).modelInfo().output.kind;
    assert.equal(await kindOf(true), 'probability');
    assert.equal(await kindOf(false), 'logit');
  });

  for (const variant of variants) {
    it(`sees background in what is not a number: ${variant}`, async () => {
      const engine = await Engine.create(await loadModule(variant));
      engine.loadModel(colourNetwork({ weights: [[NaN, 0, 0]], biases: [9], relu: true }));
      assert.equal(alphaOf(engine), 0);
    });
  }

  it('computes what it says', async () => {
    const output = (await load(threeClasses)).infer(new Float32Array(16 * 8 * 3).fill(1));
    assert.deepEqual([...output.subarray(0, 3)], [16, 35, 54]);
  });

  it('keeps only the person in front, if the option says so', async () => {
    const engine = await load(
      colourNetwork({ weights: [[40, 0, 0]], biases: [-20], logistic: true }),
    );
    engine.setBackground({ kind: 'transparent' });
    // Red columns are people.
    const people = [3, 4, 5, 6, 7, 8, 13, 14];
    const alphas = () => {
      const frame = engine.frame('RGBA', 16, 8);
      frame.bytes.forEach((_, i) => {
        const isPerson = people.includes(Math.floor(i / 4) % 16);
        frame.bytes[i] = i % 4 === 3 || (i % 4 === 0 && isPerson) ? 255 : 0;
      });
      engine.process(frame);
      return [frame.bytes[4 * 6 + 3], frame.bytes[4 * 13 + 3]];
    };
    assert.deepEqual(alphas(), [255, 255]);
    adjustEngine(engine, { onlyFront: true });
    assert.deepEqual(alphas(), [255, 0]);
    adjustEngine(engine, { onlyFront: false });
    assert.deepEqual(alphas(), [255, 255]);
  });

  it('drops small islands, unless the option says otherwise', async () => {
    const engine = await load(
      colourNetwork({
        width: 128,
        height: 64,
        weights: [[40, 0, 0]],
        biases: [-20],
        logistic: true,
      }),
    );
    engine.setBackground({ kind: 'transparent' });
    // Alpha is the mask's alone.
    engine.setRefinement({ kind: 'none', sigmaSpace: 1, sigmaColor: 0.1 });
    // Red pixels are people: 64 columns, and a dot.
    const dotAlpha = () => {
      const frame = engine.frame('RGBA', 128, 64);
      frame.bytes.forEach((_, i) => {
        const [x, y] = [Math.floor(i / 4) % 128, Math.floor(i / 4 / 128)];
        const isPerson = x < 64 || (Math.abs(x - 100) < 2 && y === 30);
        frame.bytes[i] = i % 4 === 3 || (i % 4 === 0 && isPerson) ? 255 : 0;
      });
      engine.process(frame);
      return frame.bytes[4 * (128 * 30 + 100) + 3];
    };
    assert.equal(dotAlpha(), 0);
    adjustEngine(engine, { despeckling: false });
    assert.equal(dotAlpha(), 255);
    adjustEngine(engine, { despeckling: true });
    assert.equal(dotAlpha(), 0);
  });

  it('is fed in the range and order that are told', async () => {
    // Red pixels are a person, all others are not.
    const red = colourNetwork({ weights: [[40, 0, 0]], biases: [-20], logistic: true });
    assert.equal(alphaOf(await load(red)), 255);
    assert.equal(alphaOf(await load(red), [0, 0, 255]), 0);
    assert.equal(alphaOf(await load(red, { channelOrder: 'bgr' })), 0);
    assert.equal(alphaOf(await load(red, { channelOrder: 'bgr' }), [0, 0, 255]), 255);
    const negative = colourNetwork({ weights: [[-40, 0, 0]], biases: [-20], logistic: true });
    assert.equal(alphaOf(await load(negative), [0, 0, 0]), 0);
    const info = { inputMin: -1, inputMax: 1 };
    assert.equal(alphaOf(await load(negative, info), [0, 0, 0]), 255);
  });

  it('says the range of each channel of its input', async () => {
    const inputMean = [0, 51, 102];
    const { input } = (
      await load(threeClasses, { inputMean, inputDeviation: [255, 255, 51] })
    ).modelInfo();
    const rounded = (values) => values.map((value) => Number(value.toFixed(6)));
    assert.deepEqual(rounded(input.channelMin), [0, -0.2, -2]);
    assert.deepEqual(rounded(input.channelMax), [1, 0.8, 3]);
    assert.deepEqual([input.min, input.max], [-2, 3]);
  });

  it('keeps the classes that are told', async () => {
    for (const [classes, alpha] of [
      [[2], 255],
      [[1, 2], 255],
      [[0], 0],
      [[0, 1], 0],
    ]) {
      const engine = await load(threeClasses, { classes });
      assert.deepEqual(engine.modelInfo().classes, classes);
      assert.equal(alphaOf(engine), alpha, String(classes));
    }
    await assert.rejects(load(threeClasses, { classes: [3] }), { code: 'argument', message: /3/ });
  });

  it('is planned for the given size', async () => {
    const engine = await load(threeClasses, { inputSize: { width: 30, height: 17 } });
    const { input, output } = engine.modelInfo();
    assert.deepEqual([input.width, input.height], [30, 17]);
    assert.deepEqual([output.width, output.height], [30, 17]);
    assert.equal(engine.infer(new Float32Array(30 * 17 * 3)).length, 30 * 17 * 3);
  });

  it('is not read as what its shape cannot be', async () => {
    for (const output of ['probability', 'logit', 'label']) {
      await assert.rejects(load(threeClasses, { output }), { code: 'argument', message: /3/ });
    }
  });
});

const bodypix = models.find(({ id }) => id === 'bodypix');
it('plans BodyPix for 320x180', { skip: !pathOf(bodypix) && `no ${bodypix.file}` }, async () => {
  const engine = await Engine.create(await loadModule('simd'));
  const inputSize = { width: 320, height: 180 };
  engine.loadModel(readFileSync(pathOf(bodypix)), { ...modelOptions(bodypix), inputSize });
  const { input, output } = engine.modelInfo();
  assert.deepEqual([input.width, input.height], [320, 180]);
  assert.deepEqual([output.width, output.height], [40, 23]);
});

it('bytes are scaled to the range of each channel', () => {
  const each = { min: -1, max: 3, channelMin: [0, -1, 1], channelMax: [1, 1, 3] };
  const tensor = inputTensor({ data: Uint8Array.of(0, 0, 0, 255, 255, 255) }, each);
  assert.deepEqual([...tensor], [0, -1, 1, 1, 1, 3]);
});

it('bytes are RGB, whatever the network takes', () => {
  const input = { min: 0, max: 255, channels: 3, channelOrder: 'bgr' };
  assert.deepEqual(
    [...inputTensor({ data: Uint8Array.of(1, 2, 3, 4, 5, 6) }, input)],
    [3, 2, 1, 6, 5, 4],
  );
  const grey = { data: Uint8Array.of(1, 2, 3) };
  assert.throws(() => inputTensor(grey, { ...input, channels: 1 }), /bytes are RGB/);
  assert.deepEqual([...inputTensor({ data: Float32Array.of(7) }, { ...input, channels: 1 })], [7]);
});

describe('infer.mjs', { skip: withoutModel }, () => {
  let folder;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'backdrop-'))));
  after(() => rmSync(folder, { recursive: true }));

  const script = join(folders.package, 'bin/infer.mjs');
  const run = (...args) => spawnSync('node', [script, ...args], { encoding: 'utf8' });
  const writeInput = (width, height) => {
    const path = join(folder, `${width}x${height}.npy`);
    const data = new Float32Array(width * height * 3).fill(0.5);
    writeFileSync(path, formatNpy({ shape: [height, width, 3], data }));
    return path;
  };

  for (const variant of variants) {
    it(`writes the network's output: ${variant}`, () => {
      const { width, height } = someModel.input;
      const output = join(folder, `${variant}.npy`);
      const arguments_ = ['--model', someModel.id, '--input', writeInput(width, height)];
      const { status, stderr } = run(
        '--variant',
        variant,
        'infer',
        ...arguments_,
        '--output',
        output,
      );
      assert.equal(stderr, '');
      assert.equal(status, 0);
      const { shape, data } = parseNpy(readFileSync(output));
      assert.deepEqual(shape.slice(0, 2), [height, width]);
      assert.ok(data.every(Number.isFinite));
    });
  }

  const failures = {
    'a missing input': [1, () => ['--input', join(folder, 'nothing.npy')]],
    'an input of another shape': [1, () => ['--input', writeInput(5, 7)]],
    'an input that is not .npy': [1, () => ['--input', script]],
    'a missing model': [1, () => ['--model', join(folder, 'nothing.tflite')]],
    'a foreign model': [1, () => ['--model', script]],
    'an output that cannot be written': [1, () => ['--output', join(folder, 'no/where.npy')]],
    'an unknown option': [2, () => ['--nothing', 'x']],
    'an unknown variant': [2, () => ['--variant', 'fast']],
  };
  for (const [title, [code, wrong]] of Object.entries(failures)) {
    it(`says in one line what is wrong with ${title}`, () => {
      const { width, height } = someModel.input;
      const output = join(folder, 'out.npy');
      const right = [
        '--model',
        someModel.id,
        '--input',
        writeInput(width, height),
        '--output',
        output,
      ];
      const { status, stderr } = run('infer', ...right, ...wrong());
      assert.match(stderr, /^backdrop: .+\n$/);
      assert.equal(status, code);
      assert.ok(!existsSync(output));
    });
  }
});
