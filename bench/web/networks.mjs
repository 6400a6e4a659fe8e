// Networks of each runtime, for a page or a Worker: a runtime is loaded by a function of a model and a
// number of threads that answers with a function from an input tensor to an output tensor, or to a
// promise of one: copied in, run, and read where it lies until the next run.

export async function bytesAt(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Its module and the model at the same time, as the package's Worker does. */
export async function loadEngine(variant, model, threads) {
  const { Engine, modelOptions, moduleUrl } = await import('/package/user.js');
  const compiled = WebAssembly.compileStreaming(fetch(moduleUrl(variant, threads > 1)));
  const [engine, tflite] = await Promise.all([
    compiled.then((module) => Engine.create(module, { threads })),
    bytesAt(`/models/${model.file}`),
  ]);
  if (engine.threads !== threads)
    throw new Error(`${engine.threads} of ${threads} threads started`);
  engine.loadModel(tflite, modelOptions(model));
  return engine;
}

async function loadBackdrop(variant, model, threads) {
  const engine = await loadEngine(variant, model, threads);
  return (input) => engine.infer(input);
}

/** A network behind the interface of the original demo's TFLite build. */
async function loadTflite(factory, wasm, model) {
  const [module, tflite] = await Promise.all([
    factory.then((create) => create({ locateFile: () => wasm })),
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
    return module.HEAPF32.subarray(output, output + length);
  };
}

/** Loads a script that defines a global, and answers with that. */
function scriptsGlobal(src, name) {
  return new Promise((resolve, reject) => {
    const onload = () => resolve(globalThis[name]);
    document.head.append(
      Object.assign(document.createElement('script'), { src, onload, onerror: reject }),
    );
  });
}

const peers = {
  stream(model) {
    const script = import('/stream/dist/esm/src/legacy/tflite-simd.js');
    const factory = script.then(({ createTFLiteSIMDModule }) => createTFLiteSIMDModule);
    return loadTflite(factory, '/stream/tf/tflite/tflite-simd.wasm', model);
  },
  hms(model) {
    const factory = scriptsGlobal('/hms/src/tflite/tflite-simd.js', 'createTFLiteSIMDModule');
    return loadTflite(factory, '/hms/src/tflite/tflite-simd.wasm', model);
  },
  'hms-scalar'(model) {
    const factory = scriptsGlobal('/hms/src/tflite/tflite.js', 'createTFLiteModule');
    return loadTflite(factory, '/hms/src/tflite/tflite.wasm', model);
  },
  async litert(model, threads) {
    const [{ loadLiteRtNetwork }, tflite] = await Promise.all([
      import('/test/web/support/litert.mjs'),
      bytesAt(`/models/${model.file}`),
    ]);
    return loadLiteRtNetwork(tflite, threads);
  },
  async ort(model, threads) {
    const [{ env, InferenceSession, Tensor }, onnx] = await Promise.all([
      import('/ort/ort.wasm.min.mjs'),
      bytesAt(`/twins/${model.id}.onnx`),
    ]);
    env.wasm.wasmPaths = '/ort/';
    env.wasm.numThreads = threads;
    const session = await InferenceSession.create(onnx, {
      executionProviders: ['wasm'],
      graphOptimizationLevel: 'all',
    });
    const [{ name, shape }] = session.inputMetadata;
    const [output] = session.outputNames;
    return async (input) => {
      const outputs = await session.run({ [name]: new Tensor('float32', input, shape) });
      return outputs[output].data;
    };
  },
};

/** On one thread where the peer has no others. */
export const load = (runtime, model, threads) =>
  peers[runtime]?.(model, threads) ?? loadBackdrop(runtime, model, threads);

/** Whether it has to be loaded in a Worker: the engine waits for its threads, which a page may not. */
export const needsWorker = (runtime, threads) => threads > 1 && !(runtime in peers);
