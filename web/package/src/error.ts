/**
 * What went wrong, for programs:
 * - `argument`, `model`, `unsupported`, `state`: the engine's own answers, as in `backdrop.h`
 * - `memory`: there is not enough of it
 * - `fetch`: a file could not be had
 * - `picture`: a background picture is damaged, or of another site that does not share it
 * - `crash`: the engine stopped and has to be made anew
 * - `closed`: what was asked was closed meanwhile
 */
export type ErrorCode =
  | 'argument'
  | 'model'
  | 'unsupported'
  | 'state'
  | 'memory'
  | 'fetch'
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

  /** Any thrown value as a BackdropError; what is not one yet counts as a crash. */
  static from(reason: unknown): BackdropError {
    if (reason instanceof BackdropError) return reason;
    return new BackdropError('crash', reason instanceof Error ? reason.message : String(reason));
  }
}
