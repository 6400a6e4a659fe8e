// Creates the Workers. Each address is written in the one form that bundlers recognize.
import { BackdropError } from './error.js';

/** The folder of the package's files; undefined where they are beside the script. */
export type Assets = string | URL | undefined;

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): string };
}

let trusted: ((url: string) => string) | undefined;

/** A script's address as the page's Trusted Types demand it: the policy's name is `backdrop`. */
function trust(url: URL): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (!trusted) {
    const policy = trustedTypes?.createPolicy('backdrop', { createScriptURL: (each) => each });
    trusted = (each) => policy?.createScriptURL(each) ?? each;
  }
  return trusted(url.href);
}

/** @param beside creates the Worker whose script is beside the package's */
function create(assets: Assets, file: string, name: string, beside: () => Worker): Worker {
  let address = file;
  try {
    if (assets === undefined) return withMessages(beside(), file);
    const folder = new URL(String(assets).replace(/\/?$/, '/'), self.location.href);
    const url = new URL(file, folder);
    address = url.origin + url.pathname;
    return withMessages(new Worker(trust(url), { type: 'module', name }), address);
  } catch (reason) {
    const remedy =
      reason instanceof DOMException && reason.name === 'SecurityError'
        ? 'a Worker’s script has to be of the page’s own origin: see the option `assets`'
        : 'where Trusted Types are demanded, set the option `assets` and allow the policy `backdrop`';
    const { message } = BackdropError.from(reason);
    throw new BackdropError(
      'assets',
      `the Worker ${address} can’t be created (${message}); ${remedy}`,
    );
  }
}

/** A browser tells of a script that could not be loaded by an event without a message. */
function withMessages(worker: Worker, address: string): Worker {
  worker.addEventListener('error', (event) => {
    if (event.message) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    const message = `${address} could not be loaded as a Worker’s script`;
    worker.dispatchEvent(new ErrorEvent('error', { message }));
  });
  return worker;
}

export function newEngineWorker(assets?: Assets): Worker {
  return create(
    assets,
    'engine/worker.js',
    'backdrop-engine',
    () =>
      new Worker(new URL('./engine/worker.js', import.meta.url), {
        type: 'module',
        name: 'backdrop-engine',
      }),
  );
}

export function newStreamWorker(assets?: Assets): Worker {
  return create(
    assets,
    'stream/worker.js',
    'backdrop-stream',
    () =>
      new Worker(new URL('./stream/worker.js', import.meta.url), {
        type: 'module',
        name: 'backdrop-stream',
      }),
  );
}

export function newTickWorker(assets?: Assets): Worker {
  return create(
    assets,
    'transport/tick-worker.js',
    'backdrop-clock',
    () =>
      new Worker(new URL('./transport/tick-worker.js', import.meta.url), {
        type: 'module',
        name: 'backdrop-clock',
      }),
  );
}
