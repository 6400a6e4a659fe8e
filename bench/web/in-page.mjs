// What the benchmark calls in a page, as `backdropBench`.
import { inputFor } from '../waves.mjs';
import { bytesAt, load, loadEngine, needsWorker } from './networks.mjs';

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

/** The portrait in the middle of a grey wall, in I420. */
async function drawFrame({ width, height }) {
  const portrait = await createImageBitmap(
    await (await fetch('/build/media/grace_hopper.jpg')).blob(),
  );
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context.fillStyle = 'gray';
  context.fillRect(0, 0, width, height);
  const shown = (height * portrait.width) / portrait.height;
  context.drawImage(portrait, (width - shown) / 2, 0, shown, height);
  return toI420(context.getImageData(0, 0, width, height));
}

/** BT.601 of limited range, one pixel of four for the colour. */
function toI420({ width, height, data }) {
  const mix = (i, offset, r, g, b) =>
    offset + (r * data[4 * i] + g * data[4 * i + 1] + b * data[4 * i + 2]) / 256;
  const luma = Array.from({ length: width * height }, (_, i) => mix(i, 16, 66, 129, 25));
  const corners = Array.from({ length: (width * height) / 4 }, (_, i) => {
    const [x, y] = [i % (width / 2), Math.floor(i / (width / 2))];
    return 2 * (y * width + x);
  });
  const u = corners.map((i) => mix(i, 128, -38, -74, 112));
  const v = corners.map((i) => mix(i, 128, 112, -94, -18));
  return Uint8Array.from([...luma, ...u, ...v]);
}

/** The engine's statistics of frames of each size in turn, blurred; `rounds` of each, warm. */
async function stages(variant, model, sizes, rounds) {
  const running = [];
  for (const size of sizes) {
    const engine = await loadEngine(variant, model, 1);
    engine.setBackground({ kind: 'blur', strength: 2 });
    running.push({ engine, size, pixels: await drawFrame(size), statistics: [] });
  }
  for (let round = 0; round < warmUpRounds + rounds; ++round) {
    for (const { engine, size, pixels, statistics } of running) {
      const frame = engine.frame('I420', size.width, size.height);
      frame.bytes.set(pixels);
      engine.process(frame);
      statistics.push(engine.statistics());
    }
  }
  return running.map(({ statistics }) => statistics.slice(warmUpRounds));
}

globalThis.backdropBench = { interleave, firstOutput, profile, stages };
