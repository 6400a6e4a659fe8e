// Connects the source with its processing; there is at most one of each at a time.
import type { Backgrounds } from './backgrounds.js';
import { Live } from './live.js';
import { changesOf, optionsOf, type ProcessingOptions } from './processing-options.js';
import { messageOf } from './picture-file.js';
import type { ModelChoice } from './model-choice.js';
import type { Processing, ProcessingEvents } from './processing.js';
import type { Key, SettingsStore } from './settings.js';
import type { Source } from './source/source.js';
import type { Stage } from './stage.js';
import { Still } from './still.js';

export class Studio {
  source: Source | undefined;

  private processing: Processing | undefined;
  private opening = 0;

  constructor(
    private readonly store: SettingsStore,
    private readonly models: ModelChoice,
    private readonly backgrounds: Backgrounds,
    private readonly stage: Stage,
    private readonly events: ProcessingEvents,
  ) {
    store.on((changed) => {
      this.update(changed);
    });
  }

  /** Replaces the source, unless a later call has replaced it meanwhile. */
  async open(opener: () => Promise<Source>): Promise<void> {
    const turn = ++this.opening;
    this.closeSource();
    this.events.state({ kind: 'loading', message: 'Getting ready…' });
    try {
      const opened = await opener();
      if (turn !== this.opening) {
        opened.stop();
        return;
      }
      this.source = opened;
      this.stage.setSource(opened);
      await this.start();
    } catch (reason) {
      if (turn === this.opening) this.fail(reason);
    }
  }

  /** Closes the source and ends the processing. */
  stop(message: string): void {
    ++this.opening;
    this.closeSource();
    this.end();
    this.events.state({ kind: 'ended', message });
  }

  /** The source is lost and may return: the processed track continues with blank frames. */
  lose(reason: unknown): void {
    ++this.opening;
    this.closeSource();
    this.fail(reason);
  }

  /** Ends the processing to free the device's cores; `start` resumes it. */
  pause(message: string): void {
    this.end();
    this.events.state({ kind: 'ended', message });
  }

  async start(): Promise<void> {
    const { source } = this;
    if (!source) return;
    if (source.kind === 'still') {
      this.end();
      this.show(new Still(source.picture, this.options(), this.events));
      return;
    }
    if (!(this.processing instanceof Live)) {
      this.end();
      this.show(new Live(this.options(), this.store.current.transport, this.events));
    }
    try {
      await (this.processing as Live).attach(source.track);
    } catch (reason) {
      this.end();
      throw reason;
    }
  }

  /** Applies the settings that have changed. */
  update(changed: ReadonlySet<Key>): void {
    if (!this.processing) return;
    if (changed.has('transport') && this.processing instanceof Live) {
      this.end();
      this.start().catch((reason: unknown) => {
        this.fail(reason);
      });
      return;
    }
    const changes = changesOf(this.options(), changed);
    if (Object.keys(changes).length > 0) this.processing.update(changes);
  }

  private options(): ProcessingOptions {
    return optionsOf(this.store.current, this.models, this.backgrounds);
  }

  private show(processing: Processing): void {
    this.processing = processing;
    this.stage.setResult(processing.view);
  }

  private closeSource(): void {
    this.source?.stop();
    this.source = undefined;
    this.stage.setSource();
    if (this.processing instanceof Live) this.processing.detach();
    else this.end();
  }

  private end(): void {
    this.processing?.close();
    this.processing = undefined;
    this.stage.setResult();
  }

  private fail(reason: unknown): void {
    this.events.error(reason);
    this.events.state({ kind: 'failed', message: messageOf(reason) });
  }
}
