import type { statuses } from './engine/abi.js';

/**
 * The kind of an error, for programs:
 * - `argument`, `model`, `unsupported`, `state`, `memory`: a backdrop_status of `backdrop.h`
 * - `fetch`: a file could not be fetched
 * - `frame`: a frame can be neither read nor drawn; the next one may be
 * - `assets`: a script or a module of the package is missing, or the server sent something else
 * - `picture`: a background image is damaged, or of another site that does not share the image
 * - `crash`: the engine terminated and has to be created again
 * - `closed`: the call's target was closed meanwhile
 */
export type ErrorCode =
  | Exclude<(typeof statuses)[number], 'ok'>
  | 'fetch'
  | 'frame'
  | 'assets'
  | 'picture'
  | 'crash'
  | 'closed';

/** An error whose message is one line for people. */
export class BackdropError extends Error {
  override readonly name = 'BackdropError';

  constructor(
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
  }

  /** Any thrown value as a BackdropError: of this code, unless it has one or is the engine's end. */
  static from(reason: unknown, code: ErrorCode = 'crash'): BackdropError {
    if (reason instanceof BackdropError) return reason;
    const isEnd = reason instanceof WebAssembly.RuntimeError;
    const message = reason instanceof Error ? reason.message : String(reason);
    return new BackdropError(isEnd ? 'crash' : code, message);
  }
}
