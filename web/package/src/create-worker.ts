// Creates Workers. Each maker of one is a file of its own, so that no bundle of a Worker has the maker of
// its own maker: bundlers wait for each other's end then.
import { moduleUrl } from './engine/variant.js';
import { BackdropError } from './error.js';
import { installed } from './own-file.js';

/** The address of the folder with the package's files; undefined where they are beside the script. */
export type Assets = string | URL | undefined;

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): string };
}

let trusted: ((url: string) => string) | undefined;

/** A script's address as the page's Trusted Types demand it: the policy's name is `backdrop`. */
function trust(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (!trusted) {
    const policy = trustedTypes?.createPolicy('backdrop', { createScriptURL: (each) => each });
    trusted = (each) => policy?.createScriptURL(each) ?? each;
  }
  return trusted(url);
}

/**
 * Throws a BackdropError of code `assets`.
 * @param file the script's path in the package
 * @param beside creates the Worker whose script is beside the package's: with its address in the one form
 *   that bundlers recognize
 */
export function createWorker(
  assets: Assets,
  file: string,
  name: string,
  beside: () => Worker,
): Worker {
  let address = file;
  try {
    const url = addressOf(assets ?? assetsOfWorker(), file);
    if (!url) return tellOfSilentErrors(beside(), notLoaded(file));
    address = url.origin + url.pathname;
    const worker = isElsewhere(url) ? importing(url, name) : startWorker(url.href, name);
    return tellOfSilentErrors(worker, notLoaded(address));
  } catch (reason) {
    const { message } = BackdropError.from(reason);
    throw new BackdropError(
      'assets',
      `the Worker ${address} can’t be created (${message}); where Trusted Types are demanded, set the ` +
        'option `assets` and allow the policy `backdrop`',
    );
  }
}

/** In a Worker whose script no bundler has made, the folder that its page knows by the option `assets`. */
function assetsOfWorker(): Assets {
  if ('document' in globalThis) return undefined;
  const { href } = self.location;
  return /\/(stream|engine)\/worker\.js$/.test(href) ? new URL('..', href) : undefined;
}

/**
 * The script's address; undefined where `new URL(file, import.meta.url)` has it: not where it is of another
 * origin, nor where a server for development has moved the package's script away from it.
 */
function addressOf(assets: Assets, file: string): URL | undefined {
  if (assets !== undefined) {
    return new URL(file, new URL(String(assets).replace(/\/?$/, '/'), self.location.href));
  }
  const folder = ownFolder();
  const url = folder && new URL(file, folder);
  return url && (isElsewhere(url) || url.pathname.includes(installed)) ? url : undefined;
}

/**
 * The address of the package's folder, if no bundler has moved its files. An `import.meta.url` by itself
 * would become a path of the machine that the bundler runs on.
 */
function ownFolder(): string | undefined {
  const { href } = moduleUrl('scalar');
  const path = 'wasm/scalar.wasm';
  return href.endsWith(`/${path}`) ? href.slice(0, -path.length) : undefined;
}

function isElsewhere(url: URL): boolean {
  const { origin = url.origin } = globalThis as { origin?: string };
  return url.origin !== origin;
}

/** @param url of the script, which is trusted */
export function startWorker(url: string, name: string): Worker {
  return new Worker(trust(url), { type: 'module', name });
}

/** A Worker's own script has to be of the page's origin; a module that it imports has not. */
function importing(url: URL, name: string): Worker {
  const text = `import ${JSON.stringify(url.href)};`;
  const script = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  const worker = startWorker(script, name);
  const revoke = (): void => {
    URL.revokeObjectURL(script);
  };
  worker.addEventListener('message', revoke, { once: true });
  worker.addEventListener('error', revoke, { once: true });
  return worker;
}

const notLoaded = (address: string): string =>
  `${address} could not be loaded as a Worker’s script; name the folder of the package’s files by the ` +
  'option `assets`, or, with Vite 5 to 7, set optimizeDeps: { exclude: ["@backdrop/web"] }';

/** A browser tells of a script that could not be loaded by an event without a message. */
export function tellOfSilentErrors(worker: Worker, message: string): Worker {
  worker.addEventListener('error', (event) => {
    if (event.message) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    worker.dispatchEvent(new ErrorEvent('error', { message }));
  });
  return worker;
}
