// ONNX Runtime's build for Node.js, on the ONNX twins of networks, in turn with ours, which has a
// process of its own.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { folders } from '../test/web/support/folders.mjs';
import { pathOf } from '../web/package/bin/models.mjs';
import { twinOf } from './twins.mjs';
import { inputFor } from './waves.mjs';

const program = join(folders.root, 'build/native/bench/turns/backdrop_turns');
const installed = createRequire(new URL('web/package.json', import.meta.url));

const tolerance = 1e-3; // of the largest magnitude, or of 1
const warmUpRounds = 30;
// By then the threads of both have stopped spinning for more work.
const settling = 50;

/** Throws unless the values agree. */
export function checkAgreement(ours, theirs) {
  const scale = theirs.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const apart = ours.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i])), 0);
  if (ours.length !== theirs.length || !(apart <= tolerance * scale)) {
    throw new Error(
      `ONNX Runtime's output differs from ours by ${apart / scale} of the largest value`,
    );
  }
}

/** Our network: its output, what runs it once more and says how long, and what ends it. */
async function startOurs(model, threads, input) {
  const child = spawn(program, [pathOf(model), `${threads}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (bytes) => {
    child.stdin.write(bytes);
    const { value, done } = await lines.next();
    if (done) throw new Error(`${program} ended`);
    return value.split(',').map(Number);
  };
  return {
    output: await ask(new Uint8Array(input.buffer)),
    time: async () => (await ask('.'))[0],
    end: () => child.stdin.end(),
  };
}

/** Milliseconds by the clock that our program has for so many threads. */
function milliseconds(threads) {
  if (threads > 1) return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}

/** Theirs, on tensors that lie where they are from run to run. */
async function startTheirs(model, threads, input) {
  const { InferenceSession, Tensor } = installed('onnxruntime-node');
  const session = await InferenceSession.create(twinOf(model), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
  });
  const [given, computed] = [session.inputMetadata[0], session.outputMetadata[0]].map(
    ({ name, shape }) => {
      const length = shape.reduce((product, size) => product * size);
      return { name, tensor: new Tensor('float32', new Float32Array(length), shape) };
    },
  );
  const run = () => {
    given.tensor.data.set(input);
    return session.run({ [given.name]: given.tensor }, { [computed.name]: computed.tensor });
  };
  await run();
  const time = async () => {
    const begin = milliseconds(threads);
    await run();
    return milliseconds(threads) - begin;
  };
  return { output: computed.tensor.data, time, end: () => session.release() };
}

async function compare(model, threads, rounds) {
  const input = inputFor(model);
  const networks = [];
  const times = [[], []];
  try {
    for (const start of [startOurs, startTheirs]) networks.push(await start(model, threads, input));
    checkAgreement(...networks.map(({ output }) => output));
    for (let round = -warmUpRounds; round < rounds; ++round) {
      // Which of the two runs first alternates.
      for (const which of round % 2 === 0 ? [0, 1] : [1, 0]) {
        const time = await networks[which].time();
        if (round >= 0) times[which].push(time);
        if (threads > 1) await pause(settling);
      }
    }
  } finally {
    for (const network of networks) await network.end();
  }
  return times;
}

/** On one thread and on two, the models whose twins are installed. */
export async function compareWithOnnxRuntime(models, rounds) {
  const comparisons = [];
  for (const model of models.filter(twinOf)) {
    for (const threads of [1, 2]) {
      const [ours, theirs] = await compare(model, threads, rounds);
      const { name, version } = installed('onnxruntime-node/package.json');
      const peer = `${name}@${version}`;
      comparisons.push({ model: model.id, variant: 'native', threads, peer, ours, theirs });
    }
  }
  return comparisons;
}
