// What the benchmark runs in a page. A runtime is loaded by a function of a model that answers with
// a function from an input tensor to an output tensor: copied in, run, copied out.

const dist = '/web/package/dist/';
const peer = '/peer/tflite/';

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

let peerScript;

function loadScript(src) {
  return new Promise((resolve, reject) => {
    document.head.append(
      Object.assign(document.createElement('script'), { src, onload: resolve, onerror: reject }),
    );
  });
}

async function loadPeer(model) {
  peerScript ??= loadScript(`${peer}tflite-simd.js`);
  const [module, tflite] = await Promise.all([
    peerScript.then(() =>
      globalThis.createTFLiteSIMDModule({ locateFile: (file) => `${peer}${file}` }),
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

const load = (runtime, model) =>
  runtime === 'peer' ? loadPeer(model) : loadBackdrop(runtime, model);

/** Soft waves, so that activations are neither all zero nor all saturated. */
function inputFor({ input: { width, height } }) {
  return Float32Array.from(
    { length: width * height * 3 },
    (_, i) => 0.5 + 0.3 * Math.sin(i / 61) + 0.2 * Math.sin(i / 4099),
  );
}

function largestDifference(a, b) {
  return a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i])), 0);
}

/** One inference of each runtime in turn, `rounds` times: the milliseconds by runtime. */
async function interleave(runtimes, model, rounds) {
  const input = inputFor(model);
  const networks = [];
  for (const runtime of runtimes) networks.push(await load(runtime, model));
  const outputs = networks.map((network) => network(input));
  outputs.forEach((output, i) => {
    const difference = largestDifference(output, outputs[0]);
    if (output.length !== outputs[0].length || !(difference < 1e-3)) {
      throw new Error(`${runtimes[i]} differs from ${runtimes[0]} by ${difference}`);
    }
  });
  for (let i = 0; i < 30; ++i) for (const network of networks) network(input);

  const times = runtimes.map(() => []);
  for (let round = 0; round < rounds; ++round) {
    // Each goes first in its turn.
    for (let turn = 0; turn < networks.length; ++turn) {
      const which = (round + turn) % networks.length;
      const start = performance.now();
      networks[which](input);
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
  network(input);
  return performance.now() - start;
}

globalThis.backdropBench = { interleave, firstOutput };
