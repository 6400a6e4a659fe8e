// Runs a network in a Worker: the first message says which and with what input, and is answered with
// the output; each further one is answered with the milliseconds of one more inference.
import { load } from './networks.mjs';

let network, input;

async function answer(message) {
  if (!network) {
    const { runtime, model, threads } = message;
    ({ input } = message);
    network = await load(runtime, model, threads);
    return (await network(input)).slice();
  }
  const start = performance.now();
  await network(input);
  return performance.now() - start;
}

addEventListener('message', async ({ data }) => {
  try {
    postMessage({ answer: await answer(data) });
  } catch (error) {
    postMessage({ error: String(error) });
  }
});
