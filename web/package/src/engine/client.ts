import type { BackdropError } from '../error.js';
import { Remote } from '../rpc.js';
import { isPixels, type Picture } from './picture.js';
import type { Adjustments, EngineCalls, FrameStatistics, Setup, Started } from './protocol.js';

/**
 * The engine in a Worker of its own. Methods reject with a BackdropError; after the code `crash` the
 * engine is unusable.
 */
export class EngineClient {
  /** What runs. */
  started!: Started;

  private readonly remote: Remote<EngineCalls>;

  private constructor(worker: Worker, died: (reason: BackdropError) => void) {
    this.remote = new Remote(worker, { died, brief: ['adjust', 'reset', 'frame'] });
  }

  /**
   * Loads the engine and a model at the same time.
   * @param died called when the Worker has terminated without `close`
   * @param signal ends the start, and the Worker with it
   */
  static async start(
    worker: Worker,
    setup: Setup & Partial<Adjustments>,
    died: (reason: BackdropError) => void = () => undefined,
    signal?: AbortSignal,
  ): Promise<EngineClient> {
    const client = new EngineClient(worker, died);
    const close = (): void => {
      client.close();
    };
    signal?.addEventListener('abort', close);
    try {
      client.started = await client.remote.call('init', setup);
      return client;
    } catch (reason) {
      client.close();
      throw reason;
    } finally {
      signal?.removeEventListener('abort', close);
    }
  }

  /** In effect from the next frame on. Whatever is not in `transfer` is copied. */
  adjust(adjustments: Partial<Adjustments>, transfer?: Transferable[]): Promise<undefined> {
    return this.remote.call('adjust', adjustments, transfer);
  }

  /** Forgets the frames before, because the next frame is from another source. */
  reset(): Promise<undefined> {
    return this.remote.call('reset', undefined);
  }

  /**
   * Processes a picture, which is transferred: the caller can't use it any more. The caller owns the
   * result, which is of the same kind. Results come in the order of the calls; to have no queue, wait
   * for one result before the next call.
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

  /** Terminates the Worker and rejects the calls that it has not answered. */
  close(): void {
    this.remote.close('the engine was closed');
  }
}

/** The transferable object of a picture. */
export function transferable(picture: Picture): Transferable {
  return isPixels(picture) ? picture.data.buffer : picture;
}
