// Processes a stream with the package's Backdrop.
import { Backdrop, type StreamStatistics, type TransportName } from '@backdrop/web';
import type { ProcessingOptions } from './processing-options.js';
import type { Processing, ProcessingEvents, State } from './processing.js';
import { pipelineTitles, transportTitles, variantTitles } from './titles.js';

const slow: State = { kind: 'slow', message: 'this device can’t process every frame in full' };

export class Live implements Processing {
  readonly view = document.createElement('video');

  private readonly backdrop: Backdrop;
  private attached = false;
  private state: State['kind'] | undefined;
  private description = 'raw frames';

  constructor(
    private options: ProcessingOptions,
    transport: TransportName | 'auto',
    private readonly events: ProcessingEvents,
  ) {
    Object.assign(this.view, { muted: true, playsInline: true });
    this.backdrop = new Backdrop({ ...options, transport });
    this.listen();
  }

  /** Replaces the source; the processed track stays the same. */
  async attach(track: MediaStreamTrack): Promise<void> {
    this.attached = true;
    this.tell({ kind: 'loading', message: 'Getting ready…' });
    this.show(await this.backdrop.process(track));
  }

  /** The source has ended: later events of its frames are ignored. */
  detach(): void {
    this.attached = false;
  }

  update(changes: Partial<ProcessingOptions>): void {
    this.options = { ...this.options, ...changes };
    this.backdrop.set(changes).catch(this.events.error);
  }

  close(): void {
    this.backdrop.dispose();
    this.view.srcObject = null;
    this.events.track(undefined);
  }

  private listen(): void {
    this.backdrop.on('ready', ({ variant, threads, transport, pipeline, model }) => {
      this.events.model(model);
      const many = threads > 1 ? `, ${threads} threads` : '';
      const engine = `${variantTitles[variant]}${many}`;
      const how = pipeline === 'engine' ? engine : `${engine} · ${pipelineTitles[pipeline]}`;
      this.description = `${how} · ${transportTitles[transport]}`;
      this.tell(this.ready());
    });
    this.backdrop.on('degraded', ({ reason, message }) => {
      // `ended` is shown by the code that ends the source, `slow` by the statistics below.
      if (reason === 'loading') this.tell({ kind: reason, message: 'Getting ready…' });
      if (reason === 'failed') this.tell({ kind: reason, message });
      if (reason === 'fallback') {
        this.description = message;
        this.tell(this.ready());
      }
    });
    this.backdrop.on('stats', (statistics) => {
      if (this.attached) this.events.statistics(statistics);
      const flows = statistics.fpsOut > 0 && statistics.fpsBlank === 0;
      if (flows) this.tell(this.isSlow(statistics) ? slow : this.ready());
    });
    this.backdrop.on('error', this.events.error);
    this.backdrop.on('track', (track) => {
      this.show(track);
    });
  }

  private ready(): State {
    return { kind: 'ready', message: this.description };
  }

  /** Hysteresis: a slow stream has to be clearly faster before it counts as ready. */
  private isSlow({ fpsIn, fpsOut, interval }: StreamStatistics): boolean {
    const wanted = Math.min(this.options.targetFps, fpsIn);
    return interval > 1 || fpsOut < (this.state === 'slow' ? 0.95 : 0.85) * wanted;
  }

  private tell(state: State): void {
    if (!this.attached) return;
    this.state = state.kind;
    this.events.state(state);
  }

  private show(track: MediaStreamTrack): void {
    this.view.srcObject = new MediaStream([track]);
    this.view.play().catch(() => undefined);
    this.events.track(track);
  }
}
