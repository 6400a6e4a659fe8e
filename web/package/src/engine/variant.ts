import { BackdropError } from '../error.js';
import { fetchFile } from '../fetch-file.js';
import { ownFile } from '../own-file.js';

/** A build of the engine: without SIMD, with 128-bit SIMD, and with relaxed SIMD. */
export type Variant = 'scalar' | 'simd' | 'relaxed';

/** From the fastest to the one that runs everywhere. */
export const variants: readonly Variant[] = ['relaxed', 'simd', 'scalar'];

// More threads would wait for each other longer than they work.
const mostThreads = 4;

/** A module is compiled while it comes, so that its parts can't be timed. */
const moduleMilliseconds = 60_000;

// Modules of one function that returns a v128.
const simdProbe = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15,
  253, 98, 11,
];
const relaxedProbe = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15,
  65, 2, 253, 15, 253, 128, 2, 11,
];

/** Whether this browser can run the variant. */
export function supports(variant: Variant): boolean {
  switch (variant) {
    case 'scalar':
      return true;
    case 'simd':
      return WebAssembly.validate(new Uint8Array(simdProbe));
    case 'relaxed':
      return WebAssembly.validate(new Uint8Array(relaxedProbe));
  }
}

/** The fastest variant that this browser can run. */
export function bestVariant(): Variant {
  return variants.find(supports) ?? 'scalar';
}

/**
 * Whether the variant can have several threads here: only in a page that is cross-origin isolated.
 * `scalar` is not built for threads.
 */
export function supportsThreads(variant: Variant): boolean {
  return variant !== 'scalar' && globalThis.crossOriginIsolated;
}

/** The default number of threads: at most 4, and 1 where there can't be several. */
export function bestThreads(variant: Variant): number {
  return supportsThreads(variant) ? Math.min(navigator.hardwareConcurrency, mostThreads) : 1;
}

/** The address of the variant's module, for one thread or several. */
export function moduleUrl(variant: Variant, threaded = false): URL {
  return ownFile(relativeUrl(variant, threaded));
}

/** Has each address in the one form that bundlers recognize. */
function relativeUrl(variant: Variant, threaded: boolean): URL {
  switch (variant) {
    case 'scalar':
      return new URL('../wasm/scalar.wasm', import.meta.url);
    case 'simd':
      return threaded
        ? new URL('../wasm/simd-threads.wasm', import.meta.url)
        : new URL('../wasm/simd.wasm', import.meta.url);
    case 'relaxed':
      return threaded
        ? new URL('../wasm/relaxed-threads.wasm', import.meta.url)
        : new URL('../wasm/relaxed.wasm', import.meta.url);
  }
}

/** Fetches and compiles a variant, for one thread or several. */
export async function loadModule(variant: Variant, threaded = false): Promise<WebAssembly.Module> {
  if (!supports(variant)) {
    throw new BackdropError('unsupported', `this browser cannot run the variant '${variant}'`);
  }
  const url = moduleUrl(variant, threaded);
  return fetchFile(url, async (response, goOn) => {
    goOn(moduleMilliseconds);
    const type = response.headers.get('Content-Type');
    try {
      // Streaming compilation demands the media type, which some servers do not send.
      if (type === 'application/wasm') return await WebAssembly.compileStreaming(response);
      return await WebAssembly.compile(await response.arrayBuffer());
    } catch (reason) {
      if (!(reason instanceof WebAssembly.CompileError)) throw reason;
      const sent = type === null ? 'something' : type.split(';')[0];
      throw new BackdropError(
        'assets',
        `${url.origin}${url.pathname} can’t be compiled, or is no WebAssembly module: the server sent ${sent}`,
      );
    }
  });
}
