// Runs the bare network on a WebAssembly variant: `backdrop infer` in Node.
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { atPath, loadEngine, readFile } from './node.mjs';
import { formatNpy, inputTensor, parseNpy } from './npy.mjs';

const usage = `Usage: infer.mjs --variant scalar|simd|relaxed infer --model ID|FILE --input IN --output OUT

  --model    a model of the catalogue by its id, or any .tflite file by its path
  --input    .npy: uint8 (H, W, 3), RGB, scaled to the model's range, or float32, taken as it is
  --output   .npy: float32 (H, W, C)`;

class UsageError extends Error {}

function options() {
  const text = { type: 'string' };
  const { values, positionals } = parseArgs({
    options: {
      variant: { ...text, default: 'simd' },
      model: text,
      input: text,
      output: text,
      help: { type: 'boolean', short: 'h' },
    },
    allowPositionals: true,
  });
  if (values.help) return values;
  if (positionals.join(' ') !== 'infer') throw new UsageError("the command is 'infer'");
  if (!['scalar', 'simd', 'relaxed'].includes(values.variant)) {
    throw new UsageError(`there is no variant '${values.variant}'`);
  }
  for (const name of ['model', 'input', 'output']) {
    if (!values[name]) throw new UsageError(`--${name} is missing`);
  }
  return values;
}

function readInput(path, modelInput) {
  const { width, height, channels } = modelInput;
  const bytes = readFile(path);
  return atPath(path, () => {
    const array = parseNpy(bytes);
    const shape = [height, width, channels];
    if (String(array.shape) !== String(shape)) {
      throw new Error(`has shape ${array.shape}, the model takes ${shape}`);
    }
    return inputTensor(array, modelInput);
  });
}

async function infer({ variant, model, input, output }) {
  const engine = await loadEngine(variant, model);
  const info = engine.modelInfo();
  const { channelOrder } = info;
  const data = engine.infer(readInput(input, { ...info.input, channelOrder }));
  const { width, height, channels } = info.output;
  writeWhole(output, formatNpy({ shape: [height, width, channels], data }));
}

/** A failed run leaves no half-written file. */
function writeWhole(path, bytes) {
  const part = `${path}.part`;
  atPath(path, () => {
    try {
      writeFileSync(part, bytes);
      renameSync(part, path);
    } finally {
      rmSync(part, { force: true });
    }
  });
}

try {
  const values = options();
  if (values.help) console.log(usage);
  else await infer(values);
} catch (error) {
  const wrongCall = error instanceof UsageError || error.code?.startsWith('ERR_PARSE_ARGS');
  console.error(`backdrop: ${error.message}`);
  process.exitCode = wrongCall ? 2 : 1;
}
