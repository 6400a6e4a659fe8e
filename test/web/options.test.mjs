// Invalid options: the call throws an error that names the option.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { blue, describeInBrowsers, modelOf, openPage } from './support/stream.mjs';

const model = modelOf();
const beach = { kind: 'image', image: '/beach.jpg' };

/** Changes that are rejected, and the option that the error names. */
const wrong = [
  [{ model: null }, 'model'],
  [{ model: '' }, 'model.tflite'],
  [{ model: { tflite: '' } }, 'model.tflite'],
  [{ model: { tflite: 7 } }, 'model.tflite'],
  [{ model: { ...model, inputMin: 'black' } }, 'model.inputMin'],
  [{ model: { ...model, inputMax: 1e9 } }, 'model.inputMax'],
  [{ model: { ...model, inputMean: [1, 2] } }, 'model.inputMean'],
  [{ model: { ...model, inputDeviation: 58 } }, 'model.inputDeviation'],
  [{ model: { ...model, outputName: 2 } }, 'model.outputName'],
  [{ model: { ...model, output: 'words' } }, 'model.output'],
  [{ model: { ...model, channelOrder: 'grb' } }, 'model.channelOrder'],
  [{ model: { ...model, precision: 'int8' } }, 'model.precision'],
  [{ model: { ...model, inputSize: 257 } }, 'model.inputSize'],
  [{ model: { ...model, inputSize: { width: 320, height: 0 } } }, 'model.inputSize.height'],
  [{ model: { ...model, inputSize: { width: 4097, height: 1 } } }, 'model.inputSize.width'],
  [{ model: { ...model, classes: [] } }, 'model.classes'],
  [{ model: { ...model, classes: 'person' } }, 'model.classes'],
  [{ model: { ...model, classes: [1, 256] } }, 'model.classes'],
  [{ model: { ...model, classes: [0.5] } }, 'model.classes'],
  [{ background: null }, 'background.kind'],
  [{ background: '' }, 'background.image'],
  [{ background: 'color' }, 'background.rgb'],
  [{ background: 'image' }, 'background.image'],
  [{ background: 'rgb(0 0 0 / 50%)' }, 'background.color'],
  [{ background: { kind: 'color', color: 'sand' } }, 'background.color'],
  [{ background: { kind: 'color', color: 'inherit' } }, 'background.color'],
  [{ background: { kind: 'beach' } }, 'background.kind'],
  [{ background: { kind: 'toString' } }, 'background.kind'],
  [{ background: { kind: 'blur', strength: 0 } }, 'background.strength'],
  [{ background: { kind: 'blur', strength: 21 } }, 'background.strength'],
  [{ background: { kind: 'color', rgb: 0x1000000 } }, 'background.rgb'],
  [{ background: { kind: 'color', rgb: 1.5 } }, 'background.rgb'],
  [{ background: { kind: 'color', rgb: '#fff' } }, 'background.rgb'],
  [{ background: { kind: 'image' } }, 'background.image'],
  [{ background: { kind: 'image', image: '' } }, 'background.image'],
  [{ background: { ...beach, fit: 'fill' } }, 'background.fit'],
  [{ background: { ...beach, position: 'middle' } }, 'background.position'],
  [{ background: { ...beach, position: 'top bottom' } }, 'background.position'],
  [{ background: { ...beach, position: 'top left center' } }, 'background.position'],
  [{ background: { ...beach, position: [0.5] } }, 'background.position'],
  [{ background: { ...beach, position: [0.5, 1.5] } }, 'background.position'],
  [{ background: { ...beach, position: { x: 0, y: 0 } } }, 'background.position'],
  [{ background: { ...beach, mirror: 'yes' } }, 'background.mirror'],
  [{ background: { ...beach, color: 'transparent' } }, 'background.color'],
  [{ background: { kind: 'video', video: '' } }, 'background.video'],
  [{ background: { kind: 'video', video: 7 } }, 'background.video'],
  [{ refinement: 'much' }, 'refinement'],
  [{ refinement: { sigmaSpace: 1 } }, 'refinement.kind'],
  [{ refinement: { kind: 'much', sigmaSpace: 1, sigmaColor: 0.1 } }, 'refinement.kind'],
  [{ refinement: { kind: 'guided', sigmaSpace: 11, sigmaColor: 0.1 } }, 'refinement.sigmaSpace'],
  [{ refinement: { kind: 'guided', sigmaSpace: 1, sigmaColor: 0 } }, 'refinement.sigmaColor'],
  [{ lightWrapping: null }, 'lightWrapping'],
  [{ lightWrapping: { strength: 0.3, blendMode: 'multiply' } }, 'lightWrapping.blendMode'],
  [{ sampling: 'npu' }, 'sampling'],
  [{ coverage: null }, 'coverage'],
  [{ coverage: { low: 0.9 } }, 'coverage.low'],
  [{ coverage: { low: 0.5, high: 1.5 } }, 'coverage.high'],
  [{ coverage: { low: 0.5, high: 0.5 } }, 'coverage.low'],
  [{ steadying: 2 }, 'steadying'],
  [{ steadying: '1' }, 'steadying'],
  [{ motionGate: 1 }, 'motionGate'],
  [{ learnedRoom: 1 }, 'learnedRoom'],
  [{ onlyFront: 1 }, 'onlyFront'],
  [{ despeckling: 1 }, 'despeckling'],
  [{ targetFps: 0 }, 'targetFps'],
  [{ targetFps: 121 }, 'targetFps'],
  [{ variant: 'turbo' }, 'variant'],
  [{ threads: 0 }, 'threads'],
  [{ threads: 1.5 }, 'threads'],
  [{ threads: 17 }, 'threads'],
  [{ pipeline: 'webgl3' }, 'pipeline'],
  [{ maskBlur: -1 }, 'maskBlur'],
  [{ backgrounds: blue }, 'backgrounds'],
];

const wrongAtStart = [
  [{ transport: 'pigeon' }, 'transport'],
  [{ transport: 'worker-streams' }, 'worker-streams'],
  [{ assets: 7 }, 'assets'],
];

function assertNames({ name, code, message }, option) {
  assert.equal(name, 'BackdropError');
  assert.match(code, /^(argument|unsupported)$/);
  assert.ok(message.includes(option), `'${message}' does not name ${option}`);
}

describeInBrowsers('options', (context) => {
  it('are refused at the call, by name', async () => {
    const page = await openPage(context);
    for (const [options, option] of [...wrong, ...wrongAtStart]) {
      assertNames(await page.call('creationError', { model, ...options }), option);
    }
    for (const color of ['teal', '#2f6f5e', 'rgb(1 2 3)', 'oklch(0.6 0.1 200)', 'CanvasText']) {
      assert.equal(await page.call('creationError', { background: color }), undefined, color);
    }
    assertNames(await page.call('creationError', null), 'options');
    assertNames(await page.call('creationError', 'blur'), 'options');

    await page.call('create', { model, background: blue });
    for (const [change, option] of wrong) {
      assertNames((await page.call('set', change)).error, option);
    }
    assertNames((await page.call('set', { transport: 'canvas' })).error, 'transport');
    assertNames(await page.call('audioError'), 'audio');
    assert.deepEqual(page.problems, []);
    await page.close();
  });
});
