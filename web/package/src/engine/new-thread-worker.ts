import { createWorker } from '../create-worker.js';

export function newThreadWorker(): Worker {
  return createWorker(
    undefined,
    'engine/thread.js',
    'backdrop-thread',
    () =>
      new Worker(new URL('./thread.js', import.meta.url), {
        type: 'module',
        name: 'backdrop-thread',
      }),
  );
}
