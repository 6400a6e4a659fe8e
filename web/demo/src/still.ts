// Processes one picture, and processes it again after each change of an option.
import { EngineClient, newEngineWorker } from '@backdrop/web';
import { context2d } from './dom.js';
import { messageOf } from './picture-file.js';
import type { ProcessingOptions } from './processing-options.js';
import type { Processing, ProcessingEvents } from './processing.js';
import { variantTitles } from './titles.js';

/** Options whose change needs a new engine. */
const setupNames: readonly string[] = ['model', 'variant', 'threads', 'pipeline'];

/** A background video is represented by its first frame. */
function stillOf<Given extends Partial<ProcessingOptions>>({ background, ...rest }: Given) {
  if (background?.kind !== 'video') return { ...rest, ...(background && { background }) };
  return { ...rest, background: background.still };
}

export class Still implements Processing {
  readonly view = document.createElement('canvas');

  private engine: EngineClient | undefined;
  private changes: Partial<ProcessingOptions>;
  private stale = true;
  private running = false;
  private closed = false;

  constructor(
    private readonly picture: ImageBitmap,
    private options: ProcessingOptions,
    private readonly events: ProcessingEvents,
  ) {
    this.changes = options;
    void this.run();
  }

  update(changes: Partial<ProcessingOptions>): void {
    this.options = { ...this.options, ...changes };
    this.changes = { ...this.changes, ...changes };
    this.stale = true;
    void this.run();
  }

  close(): void {
    this.closed = true;
    this.engine?.close();
  }

  /** Processes the picture until the result has the latest options. */
  private async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    while (this.stale && !this.closed) {
      this.stale = false;
      try {
        await this.process();
      } catch (reason) {
        this.blank();
        // Options that have changed meanwhile are tried before the error counts.
        if (!this.isStale() && !this.isClosed()) this.fail(reason);
      }
    }
    this.running = false;
  }

  private async process(): Promise<void> {
    const engine = await this.upToDate();
    await engine.reset();
    const { picture, statistics } = await engine.process(await createImageBitmap(this.picture));
    if (!this.isClosed()) {
      this.show(picture);
      const { copy, sample, infer, matte, composite } = statistics;
      this.events.picture({ copy, sample, infer, matte, composite });
      this.events.state({ kind: 'ready', message: variantTitles[engine.started.variant] });
    }
    picture.close();
  }

  private async upToDate(): Promise<EngineClient> {
    const { changes } = this;
    this.changes = {};
    if (this.engine && !Object.keys(changes).some((name) => setupNames.includes(name))) {
      await this.engine.adjust(stillOf(changes));
      return this.engine;
    }
    this.engine?.close();
    this.engine = undefined;
    this.blank();
    this.events.state({ kind: 'loading', message: 'Getting ready…' });
    const engine = await EngineClient.start(newEngineWorker(), stillOf(this.options));
    if (this.isClosed()) engine.close();
    this.engine = engine;
    this.events.model(engine.started.model);
    return engine;
  }

  // Methods, because the compiler narrows the fields as if no `await` could change them.

  private isStale(): boolean {
    return this.stale;
  }

  private isClosed(): boolean {
    return this.closed;
  }

  private fail(reason: unknown): void {
    // The engine's state is unknown: the next change starts a new engine.
    this.engine?.close();
    this.engine = undefined;
    this.events.error(reason);
    this.events.state({ kind: 'failed', message: messageOf(reason) });
  }

  private show(picture: ImageBitmap): void {
    const { width, height } = picture;
    Object.assign(this.view, { width, height });
    context2d(this.view).drawImage(picture, 0, 0);
  }

  private blank(): void {
    const { width, height } = this.view;
    context2d(this.view).clearRect(0, 0, width, height);
  }
}
