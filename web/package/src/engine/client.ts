import type { BackdropError } from '../error.js';
import { Remote } from '../rpc.js';
import type { Picture } from './picture.js';
import type { Adjustments, EngineCalls, FrameStatistics, Setup, Started } from './protocol.js';

/**
 * The engine in a Worker of its own, a picture at a time. Methods reject with a BackdropError; after
 * one of code `crash` the engine is of no more use.
 */
export class EngineClient {
  /** What runs. */
  started!: Started;

  private readonly remote: Remote<EngineCalls>;

  private constructor(worker: Worker, died: (reason: BackdropError) => void) {
    this.remote = new Remote(worker, { died });
  }

  /**
   * Loads the engine and a model, side by side.
   * @param died called when the Worker has gone without having been closed
   */
  static async start(
    worker: Worker,
    setup: Setup & Partial<Adjustments>,
    died: (reason: BackdropError) => void = () => undefined,
  ): Promise<EngineClient> {
    const client = new EngineClient(worker, died);
    try {
      client.started = await client.remote.call('init', setup);
      return client;
    } catch (reason) {
      client.close();
      throw reason;
    }
  }

  /** In effect from the next frame on. What is not named in `transfer` is copied. */
  adjust(adjustments: Partial<Adjustments>, transfer?: Transferable[]): Promise<undefined> {
    return this.remote.call('adjust', adjustments, transfer);
  }

  /** Forgets earlier frames: the next one is of another source. */
  reset(): Promise<undefined> {
    return this.remote.call('reset', undefined);
  }

  /**
   * Processes a picture, which is transferred: it can't be used any more. The result is of the same
   * kind, and is the caller's to close. Pictures come out in the order that they went in; whoever
   * wants no queue waits for one before giving the next.
   */
  process<Kind extends Picture>(
    picture: Kind,
    budget = 0,
  ): Promise<{ picture: Kind; statistics: FrameStatistics }> {
    return this.remote.call('frame', { picture, budget }, [transferable(picture)]) as Promise<{
      picture: Kind;
      statistics: FrameStatistics;
    }>;
  }

  /** Ends the Worker; what it was at work on is rejected. */
  close(): void {
    this.remote.close('the engine was closed');
  }
}

/** What to transfer to hand the picture over. */
export function transferable(picture: Picture): Transferable {
  return picture instanceof ImageData ? picture.data.buffer : picture;
}
