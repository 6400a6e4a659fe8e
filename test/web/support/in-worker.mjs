// Functions that browser tests call in a Worker, where an engine may block to wait for its threads.
import { Engine, modelOptions, moduleUrl } from '../../../web/package/dist/index.js';
import { answerCalls } from './worker-calls.mjs';

const bytesAt = async (address) => new Uint8Array(await (await fetch(address)).arrayBuffer());

async function createEngine(variant, model, threads) {
  const module = await WebAssembly.compile(await bytesAt(moduleUrl(variant, threads > 1)));
  const engine = await Engine.create(module, { threads });
  engine.loadModel(await bytesAt(`/models/${model.file}`), modelOptions(model));
  return engine;
}

const differences = (a, b) => a.reduce((count, value, i) => count + (value !== b[i]), 0);

/** The number of the network's values that differ between one thread and several. */
async function compareNetworks(variant, model, threads) {
  const engines = await Promise.all(
    [1, threads].map((count) => createEngine(variant, model, count)),
  );
  const { width, height, channels } = engines[0].modelInfo().input;
  const input = Float32Array.from(
    { length: width * height * channels },
    (_, i) => 0.5 + 0.3 * Math.sin(i / 61) + 0.2 * Math.sin(i / 4099),
  );
  const [one, several] = engines.map((engine) => engine.infer(input));
  engines[1].close();
  return { threads: engines[1].threads, values: one.length, different: differences(one, several) };
}

const image = { width: 5, height: 3, data: new Uint8Array(60).map((_, i) => 40 * i) };
const backgrounds = [
  { kind: 'blur', strength: 2 },
  { kind: 'color', rgb: 0x336699 },
  { kind: 'image', image },
];

/** Processes a frame of noise; returns the output. */
function processNoise(engine, round) {
  const [width, height] = [1 + ((round * 389) % 500), 1 + ((round * 233) % 300)];
  engine.setBackground(backgrounds[round % backgrounds.length]);
  const frame = engine.frame(round % 2 ? 'I420' : 'RGBA', width, height);
  frame.bytes.set(frame.bytes.map((_, i) => Math.imul(i + round, 2654435761) >>> 24));
  engine.process(frame);
  return frame.bytes;
}

/** The number of frames of changing sizes that differ between one thread and several. */
async function compareFrames(variant, model, threads, frames) {
  const one = await createEngine(variant, model, 1);
  const several = await createEngine(variant, model, threads);
  let different = 0;
  for (let round = 0; round < frames; ++round) {
    const outputs = [one, several].map((engine) => processNoise(engine, round));
    if (differences(...outputs) > 0) ++different;
  }
  several.close();
  return { threads: several.threads, frames: several.statistics().frames, different };
}

/** Creates engines one after the other; returns the number of threads of each. */
async function createAndClose(variant, model, times) {
  const threads = [];
  for (let i = 0; i < times; ++i) {
    const engine = await createEngine(variant, model, 2);
    processNoise(engine, i);
    threads.push(engine.threads);
    engine.close();
  }
  return threads;
}

/** Whether an engine that has lost its threads gives the same output as before. */
async function goesOnClosed(variant, model) {
  const engine = await createEngine(variant, model, 2);
  const before = processNoise(engine, 1).slice();
  engine.close();
  return differences(before, processNoise(engine, 1)) === 0;
}

/** An engine's error, which it keeps in shared memory. */
async function sharedError(variant, model) {
  const engine = await createEngine(variant, model, 2);
  try {
    engine.setCoverage(1, 0);
    return 'none';
  } catch ({ code, message }) {
    return { code, message };
  } finally {
    engine.close();
  }
}

answerCalls({ compareNetworks, compareFrames, createAndClose, goesOnClosed, sharedError });
