// Creates the Workers. Each address is written in the one form that bundlers recognize.

/** The folder of the package's files; undefined where they are beside the script. */
export type Assets = string | URL | undefined;

function at(assets: Assets, file: string, name: string): Worker | undefined {
  if (assets === undefined) return undefined;
  const folder = new URL(String(assets).replace(/\/?$/, '/'), self.location.href);
  return new Worker(new URL(file, folder), { type: 'module', name });
}

export function newEngineWorker(assets?: Assets): Worker {
  return (
    at(assets, 'engine/worker.js', 'backdrop-engine') ??
    new Worker(new URL('./engine/worker.js', import.meta.url), {
      type: 'module',
      name: 'backdrop-engine',
    })
  );
}

export function newStreamWorker(assets?: Assets): Worker {
  return (
    at(assets, 'stream/worker.js', 'backdrop-stream') ??
    new Worker(new URL('./stream/worker.js', import.meta.url), {
      type: 'module',
      name: 'backdrop-stream',
    })
  );
}

export function newTickWorker(assets?: Assets): Worker {
  return (
    at(assets, 'transport/tick-worker.js', 'backdrop-clock') ??
    new Worker(new URL('./transport/tick-worker.js', import.meta.url), {
      type: 'module',
      name: 'backdrop-clock',
    })
  );
}
