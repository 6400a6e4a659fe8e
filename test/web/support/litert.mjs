// @litertjs/core in a page, on the CPU and one thread: what networks are compared with. The page has
// an import map with its addresses.
import { loadAndCompile, loadLiteRt, Tensor } from '@litertjs/core';

let runtime;

/**
 * The network as a function from its input tensor to its output tensor: copied in, run, copied out.
 * @param {Uint8Array} tflite
 */
export async function loadLiteRtNetwork(tflite) {
  runtime ??= loadLiteRt('/litert/core/wasm/');
  await runtime;
  const model = await loadAndCompile(tflite, {
    accelerator: 'wasm',
    cpuOptions: { numThreads: 1 },
  });
  const [{ shape }] = model.getInputDetails();
  return async (values) => {
    const input = new Tensor(values, shape);
    const [output] = await model.run(input);
    const result = output.toTypedArray().slice();
    input.delete();
    output.delete();
    return result;
  };
}
