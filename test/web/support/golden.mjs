// Holds an engine against reference outputs; the same code in Node and in a page.
import { inputTensor, parseNpy } from '../../../web/package/bin/npy.mjs';

export const photos = ['doctor', 'girl', 'woman'];

/** The largest difference that is allowed, by the kind of output. */
const tolerances = { logits: 2e-4, probability: 2e-5 };

/**
 * The one photo that may differ by more, and on how many values: ML Kit's network magnifies rounding
 * there, so that TensorFlow Lite's own outputs are 3.2e-5 from what double precision gives.
 */
const illConditioned = { id: 'mlkit', photo: 'woman', tolerance: 1e-4, values: 65536 / 500 };

/** The names of the model's input and output for a photo. */
export function goldenFiles({ file, input: { width, height } }, photo) {
  return {
    input: `input_${photo}_${width}x${height}.npy`,
    output: `${file.replace(/\.tflite$/, '')}__${photo}.npy`,
  };
}

function isPerson(data, pixel, kind) {
  return kind === 'logits' ? data[2 * pixel + 1] > data[2 * pixel] : data[pixel] > 0.5;
}

function isWithinTolerance({ id, output: kind }, photo, differences) {
  const largest = differences.reduce((a, b) => Math.max(a, b), 0);
  if (id !== illConditioned.id || photo !== illConditioned.photo)
    return largest <= tolerances[kind];
  const beyond = differences.filter((difference) => difference > tolerances[kind]).length;
  return largest <= illConditioned.tolerance && beyond <= illConditioned.values;
}

/**
 * Runs the network on the input and compares: what is wrong, in words, or nothing.
 * @param {Uint8Array} inputFile .npy
 * @param {Uint8Array} outputFile .npy
 */
export function compareWithGolden(engine, model, photo, inputFile, outputFile) {
  const kind = model.output;
  const { input, output } = engine.modelInfo();
  const result = engine.infer(inputTensor(parseNpy(inputFile), input));
  const expected = parseNpy(outputFile).data;
  if (result.length !== expected.length) {
    return `${result.length} values instead of ${expected.length}`;
  }
  const differences = result.map((value, i) => Math.abs(value - expected[i]));
  if (result.some(Number.isNaN) || !isWithinTolerance(model, photo, differences)) {
    return `a difference of ${differences.reduce((a, b) => Math.max(a, b), 0)}`;
  }
  for (let pixel = 0; pixel < output.width * output.height; ++pixel) {
    if (isPerson(result, pixel, kind) !== isPerson(expected, pixel, kind)) {
      return `another label at pixel ${pixel}`;
    }
  }
  return '';
}

/** A drawing of a head and shoulders before a pattern, as a .npy would hold it. */
function drawing(width, height) {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; ++i) {
    const [channel, x, y] = [i % 3, ((i / 3) | 0) % width, (i / 3 / width) | 0];
    const dx = 4 * (x - 128) ** 2;
    if (dx + 2 * (y - 60) ** 2 < 3600) data[i] = [224, 172, 150][channel];
    else if (dx + 9 * (y - 150) ** 2 < 32400) data[i] = [60, 70, 120][channel];
    else data[i] = (((x * (channel + 1) + 2 * y + 40 * channel) % 256) >> 1) + 60;
  }
  return { shape: [height, width, 3], data };
}

/**
 * Runs Meet full on a drawing and compares it with what TensorFlow Lite makes of it: what is wrong,
 * in words, or nothing.
 * @param {string} reference the number of pixels that are person, then places and their logits
 */
export function compareWithDrawing(engine, reference) {
  const { input, output } = engine.modelInfo();
  const result = engine.infer(inputTensor(drawing(input.width, input.height), input));
  const [[person], ...logits] = reference
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  let found = 0;
  for (let pixel = 0; pixel < output.width * output.height; ++pixel) {
    if (isPerson(result, pixel, 'logits')) ++found;
  }
  if (found !== person) return `${found} pixels of person instead of ${person}`;
  const wrong = logits.find(([place, logit]) => !(Math.abs(result[place] - logit) <= 2e-4));
  return wrong ? `${result[wrong[0]]} instead of ${wrong[1]} at ${wrong[0]}` : '';
}
