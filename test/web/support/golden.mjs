// Compares an engine with reference outputs; the same code runs in Node and in a page.
import { inputTensor, parseNpy } from '../../../web/package/bin/npy.mjs';

export const photos = ['doctor', 'girl', 'woman'];

/** The largest difference allowed, by the model. */
function toleranceOf({ id, output }, expected) {
  if (['bodypix', 'deeplab'].includes(id)) return relativeTolerance * rangeOf(expected);
  return { logits: 2e-4, probability: 2e-5 }[output];
}

/** The largest difference allowed for all others, as a share of the output's range. */
const relativeTolerance = 2e-4;

/** The share of pixels that may have another label, for networks with many classes. */
const otherLabels = 1e-4;

function rangeOf(values) {
  const smallest = values.reduce((a, b) => Math.min(a, b));
  return values.reduce((a, b) => Math.max(a, b)) - smallest;
}

/**
 * The one photo that may differ by more, and on how many values. ML Kit's network magnifies rounding
 * errors there: TensorFlow Lite's own outputs differ by 3.2e-5 from those in double precision.
 */
const illConditioned = { id: 'mlkit', photo: 'woman', tolerance: 1e-4, values: 65536 / 500 };

/** The names of the model's input and of its output for a photo. */
export function goldenFiles({ file, input: { width, height } }, photo) {
  return {
    input: `input_${photo}_${width}x${height}.npy`,
    output: `${file.replace(/\.tflite$/, '')}__${photo}.npy`,
  };
}

/** The class of the largest channel or, for a single channel, whether the pixel is a person. */
function labelOf(data, pixel, channels, kind) {
  if (channels === 1) return Number(data[pixel] > (kind === 'logit' ? 0 : 0.5));
  let label = 0;
  for (let i = 1; i < channels; ++i) {
    if (data[channels * pixel + i] > data[channels * pixel + label]) label = i;
  }
  return label;
}

/** The number of pixels whose labels differ. */
function otherLabelsOf(result, expected, channels, kind) {
  const pixels = Array.from({ length: result.length / channels }, (_, pixel) => pixel);
  return pixels.filter(
    (pixel) => labelOf(result, pixel, channels, kind) !== labelOf(expected, pixel, channels, kind),
  );
}

function isWithinTolerance({ id }, photo, differences, tolerance) {
  const largest = differences.reduce((a, b) => Math.max(a, b), 0);
  if (id !== illConditioned.id || photo !== illConditioned.photo) return largest <= tolerance;
  const beyond = differences.filter((difference) => difference > tolerance).length;
  return largest <= illConditioned.tolerance && beyond <= illConditioned.values;
}

/**
 * Runs the network on the input and compares its output; returns the problem in words, or nothing.
 * @param {Uint8Array} inputFile .npy
 * @param {Uint8Array} outputFile .npy
 */
export function compareWithGolden(engine, model, photo, inputFile, outputFile) {
  const result = engine.infer(inputTensor(parseNpy(inputFile), engine.modelInfo().input));
  const expected = parseNpy(outputFile).data;
  const tolerance = toleranceOf(model, expected);
  return compareOutputs(engine, result, expected, (differences) =>
    isWithinTolerance(model, photo, differences, tolerance),
  );
}

/** Compares any output with another runtime's for the same input; returns the problem in words. */
export function compareWithOther(engine, input, expected) {
  const tolerance = relativeTolerance * rangeOf(expected);
  return compareOutputs(engine, engine.infer(input), expected, (differences) =>
    differences.every((difference) => difference <= tolerance),
  );
}

function compareOutputs(engine, result, expected, areFew) {
  const { channels, kind } = engine.modelInfo().output;
  if (result.length !== expected.length) {
    return `${result.length} values instead of ${expected.length}`;
  }
  const differences = result.map((value, i) => Math.abs(value - expected[i]));
  if (result.some(Number.isNaN) || !areFew(differences)) {
    return `a difference of ${differences.reduce((a, b) => Math.max(a, b), 0)}`;
  }
  const others = otherLabelsOf(result, expected, channels, kind);
  const allowed = channels > 2 ? (otherLabels * result.length) / channels : 0;
  return others.length <= allowed ? '' : `other labels at ${others.length} pixels: ${others[0]} …`;
}

/** A drawing of a head and shoulders in front of a pattern, in the layout of a .npy input. */
export function drawing(width, height) {
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
 * Runs Meet full on a drawing and compares the output with TensorFlow Lite's; returns the problem in
 * words, or nothing.
 * @param {string} reference the number of pixels of the person, then positions and their logits
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
    found += labelOf(result, pixel, 2, 'logits');
  }
  if (found !== person) return `${found} pixels of person instead of ${person}`;
  const wrong = logits.find(([place, logit]) => !(Math.abs(result[place] - logit) <= 2e-4));
  return wrong ? `${result[wrong[0]]} instead of ${wrong[1]} at ${wrong[0]}` : '';
}
