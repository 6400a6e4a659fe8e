// What the benchmark calls in a page, as `backdropBench`.
import { inputFor } from '../waves.mjs';
import { bytesAt, load, loadEngine, needsWorker } from './networks.mjs';
import { drawSwayingPerson } from './swaying-person.mjs';

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A network with its input: the output, and a function that runs it once more and says how long. */
async function startHere(runtime, model, threads, input) {
  const network = await load(runtime, model, threads);
  const time = async () => {
    const start = performance.now();
    await network(input);
    return performance.now() - start;
  };
  return { output: (await network(input)).slice(), time };
}

/** The same in a Worker. */
async function startInWorker(runtime, model, threads, input) {
  const worker = new Worker(new URL('network-worker.mjs', import.meta.url), { type: 'module' });
  const ask = (message) =>
    new Promise((resolve, reject) => {
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.onmessage = ({ data: { answer, error } }) =>
        error === undefined ? resolve(answer) : reject(new Error(error));
      worker.postMessage(message);
    });
  const output = await ask({ runtime, model, threads, input });
  return { output, time: () => ask('again') };
}

/** Throws unless the outputs are of one network: one in integers differs by some percent. */
function checkAgreement(runtimes, outputs) {
  const [expected] = outputs;
  const scale = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 1);
  outputs.forEach((output, which) => {
    const sum = output.reduce((total, value, i) => total + Math.abs(value - expected[i]), 0);
    const difference = sum / output.length;
    if (output.length !== expected.length || !(difference < 0.1 * scale)) {
      throw new Error(`${runtimes[which]} differs from ${runtimes[0]} by ${difference}`);
    }
  });
}

function shuffled(values) {
  const left = [...values];
  return values.map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0]);
}

const warmUpRounds = 30;
const fewestRounds = 20;

const filmFrames = 40;
// Two turns: by then the room is learned wherever it shows, and used.
const learningRounds = 2 * filmFrames;

// By then a runtime's threads have stopped spinning for more work.
const settlingOf = (runtime) => (runtime === 'ort' ? 50 : 4);

/**
 * One inference of each runtime in turn, in an order that changes, `rounds` times, or fewer where they
 * would take longer than the milliseconds given: the milliseconds by runtime. Their outputs agree.
 */
async function interleave(runtimes, threads, model, rounds, atMost) {
  const input = inputFor(model);
  const networks = [];
  for (const runtime of runtimes) {
    const start = needsWorker(runtime, threads) ? startInWorker : startHere;
    networks.push(await start(runtime, model, threads, input));
  }
  checkAgreement(
    runtimes,
    networks.map(({ output }) => output),
  );
  const times = runtimes.map(() => []);
  const playRound = async () => {
    for (const which of shuffled([...networks.keys()])) {
      times[which].push(await networks[which].time());
      if (threads > 1) await pause(settlingOf(runtimes[which]));
    }
  };
  const begin = performance.now();
  const passed = () => performance.now() - begin;
  let warmUps = 0;
  for (; warmUps < warmUpRounds && passed() < atMost / 4; ++warmUps) await playRound();
  const possible = Math.floor((atMost * warmUps) / passed());
  const measured = Math.min(rounds, Math.max(fewestRounds, possible));
  for (let round = 0; round < measured; ++round) {
    await playRound();
    if (round % 20 === 0) await pause(0);
  }
  return times.map((each) => each.slice(warmUps));
}

/** Milliseconds until the first output of a runtime of which nothing has been loaded yet. */
async function firstOutput(runtime, model) {
  const input = inputFor(model);
  const start = performance.now();
  const network = await load(runtime, model, 1);
  await network(input);
  return performance.now() - start;
}

/** What the benchmark's own module says of where the network's time goes; see bench/profile. */
async function profile(variant, model, rounds) {
  const address = `/build/wasm-${variant}/bench/profile/backdrop_profile.wasm`;
  const clock = { backdrop: { now: () => performance.now() } };
  const { instance } = await WebAssembly.instantiateStreaming(fetch(address), clock);
  const { _initialize, allocate, profile, memory } = instance.exports;
  _initialize();
  const tflite = await bytesAt(`/models/${model.file}`);
  const at = allocate(tflite.length);
  new Uint8Array(memory.buffer).set(tflite, at);
  const answer = profile(at, tflite.length, rounds);
  const bytes = new Uint8Array(memory.buffer);
  return new TextDecoder().decode(bytes.slice(answer, bytes.indexOf(0, answer)));
}

/**
 * The engine's statistics of `rounds` frames, blurred and warm, for each of the `runs`: a size, and
 * whether the engine goes `without` the learned room and the filter of edges. Runs take turns.
 */
async function stages(variant, model, runs, rounds) {
  const running = [];
  for (const { size, without } of runs) {
    const engine = await loadEngine(variant, model, 1);
    const film = await drawSwayingPerson(engine, size, filmFrames);
    engine.reset();
    engine.setBackground({ kind: 'blur', strength: 2 });
    if (without) {
      engine.setLearnedRoom(false);
      engine.setRefinement({ kind: 'none', sigmaSpace: 1, sigmaColor: 0.1 });
    }
    running.push({ engine, size, film, statistics: [] });
  }
  for (let round = 0; round < learningRounds + rounds; ++round) {
    for (const { engine, size, film, statistics } of running) {
      const frame = engine.frame('I420', size.width, size.height);
      frame.bytes.set(film[round % film.length]);
      engine.process(frame);
      statistics.push(engine.statistics());
    }
  }
  return running.map(({ statistics }) => statistics.slice(learningRounds));
}

globalThis.backdropBench = { interleave, firstOutput, profile, stages };
