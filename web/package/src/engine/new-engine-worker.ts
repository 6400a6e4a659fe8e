import { createWorker, type Assets } from '../create-worker.js';

export function newEngineWorker(assets?: Assets): Worker {
  return createWorker(
    assets,
    'engine/worker.js',
    'backdrop-engine',
    () =>
      new Worker(new URL('./worker.js', import.meta.url), {
        type: 'module',
        name: 'backdrop-engine',
      }),
  );
}
