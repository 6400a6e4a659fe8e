import { createWorker, type Assets } from '../create-worker.js';

export function newTickWorker(assets?: Assets): Worker {
  return createWorker(
    assets,
    'transport/tick-worker.js',
    'backdrop-clock',
    () =>
      new Worker(new URL('./tick-worker.js', import.meta.url), {
        type: 'module',
        name: 'backdrop-clock',
      }),
  );
}
