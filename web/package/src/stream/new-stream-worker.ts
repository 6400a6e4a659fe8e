import { createWorker, type Assets } from '../create-worker.js';

export function newStreamWorker(assets?: Assets): Worker {
  return createWorker(
    assets,
    'stream/worker.js',
    'backdrop-stream',
    () =>
      new Worker(new URL('./worker.js', import.meta.url), {
        type: 'module',
        name: 'backdrop-stream',
      }),
  );
}
