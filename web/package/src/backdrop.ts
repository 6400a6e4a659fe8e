import type { ModelInfo } from './engine.js';
import { BackdropError } from './error.js';
import type { Picture } from './picture.js';
import type {
  Answer,
  CallName,
  Calls,
  FrameStatistics,
  ModelSource,
  WorkerBackground,
} from './protocol.js';
import type { Variant } from './variant.js';

interface Pending {
  resolve: (answer: never) => void;
  reject: (reason: BackdropError) => void;
}

/** The engine in a Worker of its own. Methods reject with a BackdropError. */
export class Backdrop {
  /** The variant that runs. */
  variant: Variant = 'scalar';
  /** How many threads the engine works on: several where the page is cross-origin isolated. */
  threads = 1;
  /** The model that is loaded. */
  model!: ModelInfo;

  private readonly worker = new Worker(new URL('./worker.js', import.meta.url), {
    type: 'module',
    name: 'backdrop',
  });
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;

  private constructor() {
    this.worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
      this.settle(data);
    });
    this.worker.addEventListener('error', ({ message }) => {
      this.rejectAll(message || 'the worker could not be loaded');
    });
  }

  /** Loads the engine and a model, side by side. */
  static async start(model: ModelSource, variant: Variant | 'auto' = 'auto'): Promise<Backdrop> {
    const backdrop = new Backdrop();
    try {
      Object.assign(backdrop, await backdrop.call('init', { variant, threads: 'auto', model }));
      return backdrop;
    } catch (reason) {
      backdrop.close();
      throw reason;
    }
  }

  /** Replaces the model; when that fails, the one before stays. */
  async setModel(model: ModelSource): Promise<void> {
    this.model = await this.call('model', model);
  }

  /** What stands behind the person from the next frame on. A picture is transferred. */
  async setBackground(background: WorkerBackground): Promise<void> {
    const transfer = background.kind === 'image' ? [transferable(background.image)] : [];
    await this.call('background', background, transfer);
  }

  /**
   * Processes a frame, which is transferred: it can't be used any more. The result is of the same
   * kind, and is the caller's to close. Frames come out in the order that they went in; whoever
   * wants no queue waits for one before giving the next.
   */
  process<Kind extends Picture>(
    picture: Kind,
  ): Promise<{ picture: Kind; statistics: FrameStatistics }> {
    return this.call('frame', picture, [transferable(picture)]) as Promise<{
      picture: Kind;
      statistics: FrameStatistics;
    }>;
  }

  /** Ends the Worker; what it was at work on is rejected. */
  close(): void {
    this.worker.terminate();
    this.rejectAll('the engine was closed');
  }

  private call<Name extends CallName>(
    call: Name,
    request: Calls[Name]['request'],
    transfer: Transferable[] = [],
  ): Promise<Calls[Name]['answer']> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.worker.postMessage({ id, call, request }, transfer);
    });
  }

  private settle(message: Answer): void {
    const pending = this.pending.get(message.id);
    this.pending.delete(message.id);
    if ('error' in message) {
      pending?.reject(new BackdropError(message.error.code, message.error.message));
    } else {
      pending?.resolve(message.answer as never);
    }
  }

  private rejectAll(message: string): void {
    for (const { reject } of this.pending.values()) reject(new BackdropError('crash', message));
    this.pending.clear();
  }
}

function transferable(picture: Picture): Transferable {
  return picture instanceof ImageData ? picture.data.buffer : picture;
}
