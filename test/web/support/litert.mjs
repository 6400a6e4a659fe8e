// Runs @litertjs/core in a page on the CPU, as a reference for networks. The page has an import map with
// its addresses.
import { loadAndCompile, loadLiteRt, Tensor } from '@litertjs/core';

let runtime;

/**
 * The network as a function from its input tensor to its output tensor. The input is copied; the output
 * is a view that is valid until the next run.
 * @param {Uint8Array} tflite
 * @param {number} threads must be the same for all networks of a page
 */
export async function loadLiteRtNetwork(tflite, threads = 1) {
  runtime ??= loadLiteRt('/litert/core/wasm/', { threads: threads > 1 });
  await runtime;
  const model = await loadAndCompile(tflite, {
    accelerator: 'wasm',
    cpuOptions: { numThreads: threads },
  });
  const [{ shape }] = model.getInputDetails();
  let output;
  return async (values) => {
    output?.delete();
    const input = new Tensor(values, shape);
    [output] = await model.run(input);
    input.delete();
    return output.toTypedArray();
  };
}
