// Holds an engine against reference outputs; the same code in Node and in a page.
import { inputTensor, parseNpy } from '../../../web/package/bin/npy.mjs';

export const photos = ['doctor', 'girl', 'woman'];

/** The largest difference that is allowed, by the kind of output. */
const tolerances = { two_logits: 2e-4, probability: 2e-5 };

/** The names of the model's input and output for a photo. */
export function goldenFiles({ file, input: { width, height } }, photo) {
  return {
    input: `input_${photo}_${width}x${height}.npy`,
    output: `${file.replace(/\.tflite$/, '')}__${photo}.npy`,
  };
}

function isPerson(data, pixel, kind) {
  return kind === 'two_logits' ? data[2 * pixel + 1] > data[2 * pixel] : data[pixel] > 0.5;
}

/**
 * Runs the network on the input and compares: what is wrong, in words, or nothing.
 * @param {Uint8Array} inputFile .npy
 * @param {Uint8Array} outputFile .npy
 */
export function compareWithGolden(engine, { output: kind }, inputFile, outputFile) {
  const { input, output } = engine.modelInfo();
  const result = engine.infer(inputTensor(parseNpy(inputFile), input));
  const expected = parseNpy(outputFile).data;
  if (result.length !== expected.length) {
    return `${result.length} values instead of ${expected.length}`;
  }
  const difference = result.reduce((max, v, i) => Math.max(max, Math.abs(v - expected[i])), 0);
  if (!(difference <= tolerances[kind]) || result.some(Number.isNaN)) {
    return `a difference of ${difference}`;
  }
  for (let pixel = 0; pixel < output.width * output.height; ++pixel) {
    if (isPerson(result, pixel, kind) !== isPerson(expected, pixel, kind)) {
      return `another label at pixel ${pixel}`;
    }
  }
  return '';
}
