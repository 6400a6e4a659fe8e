// What the package makes of an application's options, in Node.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { runInNewContext } from 'node:vm';
import { checkChanges, checkOptions } from '../../web/package/dist/check-options.js';
import { usualPlacement } from '../../web/package/dist/engine/placement.js';
import { settled } from '../../web/package/dist/options.js';
import { defaults } from '../../web/package/dist/settings.js';

const options = {
  model: { tflite: '/model.tflite', classes: [1, 2], inputSize: { width: 64, height: 48 } },
  background: { kind: 'color', rgb: 255 },
  coverage: { low: 0.2, high: 0.6 },
  refinement: { kind: 'guided', sigmaSpace: 1, sigmaColor: 0.1 },
  lightWrapping: { strength: 0.5, blendMode: 'screen' },
  targetFps: 24,
};
const model = { ...options.model, tflite: 'http://host/model.tflite' };
const whole = { ...defaults, transport: 'auto', assets: undefined };

/** As reactive frameworks make them: whatever is read of it is a Proxy, too. */
function reactive(value) {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, { get: (target, key) => reactive(Reflect.get(target, key)) });
}

function errorOf(action) {
  try {
    action();
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was thrown');
}

describe('options', () => {
  before(() => {
    globalThis.document = { baseURI: 'http://host/page/' };
    // Colors are read in browsers only.
    globalThis.CSS = { supports: () => false };
  });
  after(() => {
    delete globalThis.document;
    delete globalThis.CSS;
  });

  it('are copied, so that a Worker can be given those of a Proxy', () => {
    const copy = checkOptions(reactive(options));
    assert.deepEqual(structuredClone(copy), { ...whole, ...options, model });
    assert.deepEqual(structuredClone(settled(checkChanges(reactive(options)))), {
      ...options,
      model,
    });
  });

  it('are copied without what is unknown inside of them', () => {
    const more = { ...options, model: { ...options.model, loaded: () => 1, inputMin: undefined } };
    assert.deepEqual(checkOptions(more), { ...whole, ...options, model });
  });

  it('have their defaults where they are undefined, in changes and inside of them, too', () => {
    assert.deepEqual(checkOptions({}), whole);
    assert.deepEqual(checkOptions({ steadying: undefined, assets: undefined }), whole);
    assert.deepEqual(checkChanges({ refinement: undefined, background: undefined }), {
      refinement: 'auto',
      background: { kind: 'blur', strength: 2 },
    });
    const changes = {
      background: { kind: 'blur' },
      coverage: { high: 0.5 },
      refinement: { kind: 'guided', sigmaColor: undefined },
      lightWrapping: {},
    };
    assert.deepEqual(checkChanges(changes), {
      background: { kind: 'blur', strength: 2 },
      coverage: { low: 0.4, high: 0.5 },
      refinement: { kind: 'guided', sigmaSpace: 1, sigmaColor: 0.1 },
      lightWrapping: { strength: 0.3, blendMode: 'screen' },
    });
  });

  it('have short forms', () => {
    const image = 'http://host/page/beach.jpg';
    const beach = { kind: 'image', image, ...usualPlacement };
    const bytes = new Uint8Array(8);
    for (const [short, long] of [
      [{ background: 'none' }, { background: { kind: 'none' } }],
      [{ background: 'transparent' }, { background: { kind: 'transparent' } }],
      [{ background: 'blur' }, { background: { kind: 'blur', strength: 2 } }],
      [{ background: 'beach.jpg' }, { background: beach }],
      [{ background: new URL(image) }, { background: beach }],
      [{ model: '/model.tflite' }, { model: { tflite: 'http://host/model.tflite' } }],
      [{ model: new URL('http://host/m') }, { model: { tflite: 'http://host/m' } }],
      [{ model: bytes }, { model: { tflite: bytes } }],
    ]) {
      assert.deepEqual(checkChanges(short), long);
    }
  });

  it('place a picture by words or by shares', () => {
    const placed = (position) => {
      const background = {
        kind: 'video',
        video: 'http://host/clip.webm',
        fit: 'contain',
        position,
      };
      return checkChanges({ background }).background.position;
    };
    for (const [position, shares] of [
      [undefined, [0.5, 0.5]],
      ['center', [0.5, 0.5]],
      ['left', [0, 0.5]],
      ['bottom', [0.5, 1]],
      ['top left', [0, 0]],
      ['left top', [0, 0]],
      [' Right  Center ', [1, 0.5]],
      ['center bottom', [0.5, 1]],
      [
        [0.25, 1],
        [0.25, 1],
      ],
    ]) {
      assert.deepEqual(placed(position), shares, `${position}`);
    }
  });

  it('are taken from another window', () => {
    const other = runInNewContext(`({
      model: { tflite: new Uint8Array(8) }, background: { kind: 'blur', strength: 2 },
    })`);
    assert.equal(checkOptions(other).model.tflite, other.model.tflite);
  });

  it('are refused in a few words', () => {
    const long = 'x'.repeat(1e5);
    const wrong = [
      undefined,
      null,
      { model: { tflite: new Float32Array(1e5) } },
      { model: { tflite: runInNewContext('new Float32Array(1e5)') } },
      { model: { tflite: new ArrayBuffer(8) } },
      { model, pipeline: long },
      { model, [long]: 1 },
      { model, steadying: Object.create(null) },
      { model, steadying: Symbol('1') },
      { model, background: null },
      { model, background: { kind: 'image', image: () => 1 } },
    ];
    for (const each of wrong) {
      const { name, code, message } = errorOf(() => checkOptions(each));
      assert.deepEqual([name, code], ['BackdropError', 'argument'], message);
      assert.ok(message.length < 300, message);
    }
  });

  it('are refused without an address, which may hold a secret', () => {
    const address = 'http://[?signature=SECRET';
    for (const each of [
      { model: { tflite: address } },
      { model, assets: address },
      { model, background: { kind: 'image', image: address } },
      { model, background: { kind: 'video', video: address } },
    ]) {
      const { name, message } = errorOf(() => checkOptions(each));
      assert.equal(name, 'BackdropError');
      assert.ok(!message.includes('SECRET'), message);
    }
  });
});
