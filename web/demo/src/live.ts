// A stream's result: the track that the package gives for the source's.
import { Backdrop, type StreamStatistics, type TransportName } from '@backdrop/web';
import type { ProcessingOptions } from './processing-options.js';
import type { Processing, ProcessingEvents, State } from './processing.js';
import { transportTitles, variantTitles } from './titles.js';

export class Live implements Processing {
  readonly view = document.createElement('video');

  private readonly backdrop: Backdrop;
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

  /** Takes this source from now on; the processed track stays the same. */
  async attach(track: MediaStreamTrack): Promise<void> {
    this.tell({ kind: 'loading', message: 'Getting ready…' });
    this.show(await this.backdrop.process(track));
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
    this.backdrop.on('ready', ({ variant, threads, transport }) => {
      const many = threads > 1 ? `, ${threads} threads` : '';
      this.description = `${variantTitles[variant]}${many} · ${transportTitles[transport]}`;
      this.tell({ kind: 'ready', message: this.description });
    });
    this.backdrop.on('degraded', ({ reason, message }) => {
      // Why a source ends is told by whoever ends it or misses it.
      if (reason === 'ended') return;
      this.tell({ kind: reason, message: reason === 'loading' ? 'Getting ready…' : message });
    });
    this.backdrop.on('stats', (statistics) => {
      if (this.isFine(statistics)) this.tell({ kind: 'ready', message: this.description });
      this.events.statistics(statistics);
    });
    this.backdrop.on('error', this.events.error);
    this.backdrop.on('track', (track) => {
      this.show(track);
    });
  }

  /** The package does not tell everything: a new source may just go on, and raw frames just flow. */
  private isFine({ fpsIn, fpsOut, fpsBlank, interval }: StreamStatistics): boolean {
    if (this.state === 'ready' || fpsOut === 0 || fpsBlank > 0) return false;
    if (this.state !== 'slow') return true;
    return interval === 1 && fpsOut >= 0.9 * Math.min(this.options.targetFps, fpsIn);
  }

  private tell(state: State): void {
    this.state = state.kind;
    this.events.state(state);
  }

  private show(track: MediaStreamTrack): void {
    this.view.srcObject = new MediaStream([track]);
    this.view.play().catch(() => undefined);
    this.events.track(track);
  }
}
