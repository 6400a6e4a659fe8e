// The engine in a Worker; protocol.ts has the calls.
import { BackdropError } from '../error.js';
import type { PipelineName } from '../settings.js';
import { serve, type Handlers } from '../rpc.js';
import { Canvas2dPipeline } from './canvas2d.js';
import { transferable } from './client.js';
import { Engine } from './engine.js';
import { fileOf, withFile } from './model-file.js';
import { close } from './picture.js';
import { EnginePipeline, type Pipeline } from './pipeline.js';
import type { Adjustments, EngineCalls, Setup, Started } from './protocol.js';
import { WebGl2Pipeline } from './webgl2.js';
import { bestThreads, bestVariant, loadModule, supportsThreads, type Variant } from './variant.js';

const pipelines: Record<PipelineName, new (engine: Engine) => Pipeline> = {
  engine: EnginePipeline,
  canvas2d: Canvas2dPipeline,
  webgl2: WebGl2Pipeline,
};

let pipeline: Pipeline | undefined;

function started(): Pipeline {
  if (!pipeline) throw new BackdropError('state', 'the engine was not started');
  return pipeline;
}

/** What fails beside the engine is the background's picture. */
function adjust(adjustments: Partial<Adjustments>): void {
  try {
    started().adjust(adjustments);
  } catch (reason) {
    throw BackdropError.from(reason, 'picture');
  }
}

const warmUpRuns = 4;
const warmUpMilliseconds = 500;

/**
 * Browsers compile hot functions again, optimised: the first frames shall not wait for that. One run
 * of a large network makes its functions hot, hence the limit.
 */
async function warmUp(engine: Engine): Promise<void> {
  const { width, height, channels } = engine.modelInfo().input;
  const input = new Float32Array(width * height * channels);
  const start = performance.now();
  for (let run = 0; run < warmUpRuns; ++run) {
    if (performance.now() - start > warmUpMilliseconds) break;
    engine.infer(input);
    // Lets this Worker answer the watchdog.
    await new Promise((resolve) => setTimeout(resolve));
  }
}

async function createEngine(variant: Variant, threads: number): Promise<Engine> {
  if (threads > 1 && supportsThreads(variant)) {
    try {
      return await Engine.create(await loadModule(variant, true), { threads });
    } catch {
      // No shared memory is left: one thread has to do.
    }
  }
  return Engine.create(await loadModule(variant));
}

async function init({ model, variant, threads, pipeline: name }: Setup): Promise<Started> {
  const chosen = variant === 'auto' ? bestVariant() : variant;
  const wanted = threads === 'auto' ? bestThreads(chosen) : threads;
  const [engine, file] = await Promise.all([createEngine(chosen, wanted), fileOf(model)]);
  try {
    engine.loadModel(file.bytes, model);
  } catch (reason) {
    throw withFile(reason, file);
  }
  await warmUp(engine);
  pipeline = new pipelines[name](engine);
  return { variant: chosen, threads: engine.threads, model: engine.modelInfo() };
}

const handlers: Handlers<EngineCalls> = {
  async init(setup) {
    const value = await init(setup);
    adjust(setup);
    return { value };
  },
  adjust(adjustments) {
    adjust(adjustments);
    return { value: undefined };
  },
  reset() {
    started().reset();
    return { value: undefined };
  },
  async frame({ picture: source, budget }) {
    try {
      const value = await started().process(source, budget);
      return { value, transfer: [transferable(value.picture)] };
    } catch (reason) {
      throw BackdropError.from(reason, 'frame');
    } finally {
      close(source);
    }
  },
};

serve(handlers, { inTurn: true });
