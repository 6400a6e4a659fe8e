// Functions that the tests against @litertjs/core call in the page, as `inPage`.
import { Engine, modelOptions, moduleUrl } from '../../../web/package/dist/index.js';
import { inputTensor, parseNpy } from '../../../web/package/bin/npy.mjs';
import { compareWithOther, drawing } from './golden.mjs';
import { loadLiteRtNetwork } from './litert.mjs';

const bytesAt = async (address) => new Uint8Array(await (await fetch(address)).arrayBuffer());

/**
 * The problems with each variant's outputs for a drawing and the photos, by variant; or nothing.
 * @param {string[]} photos addresses of .npy files
 */
async function compare(model, variants, photos) {
  const tflite = await bytesAt(`/models/${model.file}`);
  const reference = await loadLiteRtNetwork(tflite);
  const { width, height } = model.input;
  const pictures = [drawing(width, height)];
  for (const photo of photos) pictures.push(parseNpy(await bytesAt(photo)));
  const inputs = pictures.map((picture) => inputTensor(picture, model.input));
  const expected = [];
  for (const input of inputs) expected.push((await reference(input)).slice());
  const wrong = {};
  for (const variant of variants) {
    const engine = await Engine.create(
      await WebAssembly.compile(await bytesAt(moduleUrl(variant))),
    );
    engine.loadModel(tflite, { ...modelOptions(model), precision: 'float' });
    wrong[variant] = inputs.map((input, i) => compareWithOther(engine, input, expected[i]));
  }
  return wrong;
}

globalThis.inPage = { compare };
