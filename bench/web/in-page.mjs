// What the benchmark runs in a page. A runtime is loaded by a function of a model that answers with
// a function from an input tensor to an output tensor, or to a promise of one: copied in, run, copied
// out.

const dist = '/web/package/dist/';
const hms = '/hms/tflite/';

const bytesAt = async (address) => new Uint8Array(await (await fetch(address)).arrayBuffer());

async function loadBackdrop(variant, model) {
  const [{ Engine, modelOptions }, module, tflite] = await Promise.all([
    import(`${dist}index.js`),
    WebAssembly.compileStreaming(fetch(`${dist}wasm/${variant}.wasm`)),
    bytesAt(`/models/${model.file}`),
  ]);
  const engine = await Engine.create(module);
  engine.loadModel(tflite, modelOptions(model));
  return (input) => engine.infer(input);
}

let hmsScript;

function loadScript(src) {
  return new Promise((resolve, reject) => {
    document.head.append(
      Object.assign(document.createElement('script'), { src, onload: resolve, onerror: reject }),
    );
  });
}

async function loadHms(model) {
  hmsScript ??= loadScript(`${hms}tflite-simd.js`);
  const [module, tflite] = await Promise.all([
    hmsScript.then(() =>
      globalThis.createTFLiteSIMDModule({ locateFile: (file) => `${hms}${file}` }),
    ),
    bytesAt(`/models/${model.file}`),
  ]);
  module.HEAPU8.set(tflite, module._getModelBufferMemoryOffset());
  module._loadModel(tflite.length);
  const channels = model.output === 'logits' ? 2 : 1;
  const length = module._getOutputWidth() * module._getOutputHeight() * channels;
  return (input) => {
    module.HEAPF32.set(input, module._getInputMemoryOffset() / 4);
    module._runInference();
    const output = module._getOutputMemoryOffset() / 4;
    return module.HEAPF32.slice(output, output + length);
  };
}

async function loadLiteRt(model) {
  const [{ loadLiteRtNetwork }, tflite] = await Promise.all([
    import('/test/web/support/litert.mjs'),
    bytesAt(`/models/${model.file}`),
  ]);
  return loadLiteRtNetwork(tflite);
}

const peers = { hms: loadHms, litert: loadLiteRt };

const load = (runtime, model) => peers[runtime]?.(model) ?? loadBackdrop(runtime, model);

/** Soft waves, so that activations are neither all zero nor all saturated. */
function inputFor({ input: { width, height, min, max } }) {
  const wave = (i) => 0.5 + 0.3 * Math.sin(i / 61) + 0.2 * Math.sin(i / 4099);
  return Float32Array.from({ length: width * height * 3 }, (_, i) => min + (max - min) * wave(i));
}

function largestDifference(a, b) {
  return a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i])), 0);
}

/** The largest magnitude, but at least 1. */
const scaleOf = (values) => values.reduce((max, value) => Math.max(max, Math.abs(value)), 1);

const warmUpRounds = 30;
const fewestRounds = 20;

/**
 * One inference of each runtime in turn, `rounds` times, or fewer where they would take longer than
 * the milliseconds given: the milliseconds by runtime.
 */
async function interleave(runtimes, model, rounds, atMost) {
  const input = inputFor(model);
  const networks = [];
  for (const runtime of runtimes) networks.push(await load(runtime, model));
  const outputs = [];
  for (const network of networks) outputs.push(await network(input));
  outputs.forEach((output, i) => {
    const difference = largestDifference(output, outputs[0]) / scaleOf(outputs[0]);
    if (output.length !== outputs[0].length || !(difference < 1e-3)) {
      throw new Error(`${runtimes[i]} differs from ${runtimes[0]} by ${difference}`);
    }
  });
  const roundsIn = (milliseconds, each) => Math.max(fewestRounds, Math.floor(milliseconds / each));
  const begin = performance.now();
  let warmUps = 0;
  while (warmUps < warmUpRounds && performance.now() - begin < atMost / 4) {
    for (const network of networks) await network(input);
    ++warmUps;
  }
  const measured = Math.min(rounds, roundsIn(atMost, (performance.now() - begin) / warmUps));

  const times = runtimes.map(() => []);
  for (let round = 0; round < measured; ++round) {
    // Each goes first in its turn.
    for (let turn = 0; turn < networks.length; ++turn) {
      const which = (round + turn) % networks.length;
      const start = performance.now();
      await networks[which](input);
      times[which].push(performance.now() - start);
    }
    if (round % 20 === 0) await new Promise((resolve) => setTimeout(resolve));
  }
  return times;
}

/** Milliseconds until the first output of a runtime of which nothing has been loaded yet. */
async function firstOutput(runtime, model) {
  const input = inputFor(model);
  const start = performance.now();
  const network = await load(runtime, model);
  await network(input);
  return performance.now() - start;
}

globalThis.backdropBench = { interleave, firstOutput };
