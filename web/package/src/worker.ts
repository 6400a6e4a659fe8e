// The engine in a Worker. protocol.ts says what it is told and what it answers.
import { Engine } from './engine.js';
import { BackdropError } from './error.js';
import { close, pixelsOf, read, write, type Picture } from './picture.js';
import type {
  Answer,
  CallName,
  Calls,
  FrameStatistics,
  ModelSource,
  Request,
  WorkerBackground,
} from './protocol.js';
import { bestThreads, bestVariant, fetchFile, loadModule, supportsThreads } from './variant.js';

let engine: Engine | undefined;

function started(): Engine {
  if (!engine) throw new BackdropError('state', 'the worker was not started with a variant');
  return engine;
}

async function init({
  variant,
  threads,
  model,
}: Calls['init']['request']): Promise<Calls['init']['answer']> {
  const chosen = variant === 'auto' ? bestVariant() : variant;
  const wanted = threads === 'auto' ? bestThreads(chosen) : threads;
  const threaded = wanted > 1 && supportsThreads(chosen);
  const [module, tflite] = await Promise.all([loadModule(chosen, threaded), bytesOf(model)]);
  const candidate = await Engine.create(module, { threads: wanted });
  candidate.loadModel(tflite, model);
  engine = candidate;
  return { variant: chosen, threads: engine.threads, model: engine.modelInfo() };
}

async function loadModel(model: ModelSource): Promise<Calls['model']['answer']> {
  const tflite = await bytesOf(model);
  started().loadModel(tflite, model);
  return started().modelInfo();
}

async function bytesOf({ tflite }: ModelSource): Promise<Uint8Array> {
  if (typeof tflite !== 'string') return tflite;
  return new Uint8Array(await (await fetchFile(tflite)).arrayBuffer());
}

function setBackground(background: WorkerBackground): undefined {
  if (background.kind !== 'image') {
    started().setBackground(background);
    return;
  }
  try {
    started().setBackground({ kind: 'image', image: pixelsOf(background.image) });
  } finally {
    close(background.image);
  }
}

async function processFrame(source: Picture): Promise<Calls['frame']['answer']> {
  try {
    const start = performance.now();
    const frame = await read(started(), source);
    const copied = performance.now();
    started().process(frame);
    const processed = performance.now();
    const picture = await write(frame, source);
    const copy = copied - start + (performance.now() - processed);
    const statistics: FrameStatistics = { ...started().statistics(), copy };
    return { picture, statistics };
  } finally {
    close(source);
  }
}

async function perform(request: Request): Promise<Calls[CallName]['answer']> {
  switch (request.call) {
    case 'init':
      return init(request.request);
    case 'model':
      return loadModel(request.request);
    case 'background':
      return setBackground(request.request);
    case 'frame':
      return processFrame(request.request);
  }
}

async function respond(request: Request): Promise<void> {
  const { id } = request;
  try {
    const answer = await perform(request);
    post({ id, answer });
  } catch (reason) {
    const { code, message } = BackdropError.from(reason);
    post({ id, error: { code, message } });
  }
}

function post(message: Answer): void {
  self.postMessage(message, { transfer: transferables(message) });
}

function transferables(message: Answer): Transferable[] {
  if (!('answer' in message) || !message.answer || !('picture' in message.answer)) return [];
  const { picture } = message.answer;
  return [picture instanceof ImageData ? picture.data.buffer : picture];
}

let queue = Promise.resolve();
self.addEventListener('message', ({ data }: MessageEvent<Request>) => {
  queue = queue.then(() => respond(data));
});
