// The page's panel with the benchmark.
import {
  benchmarkCases,
  columns,
  deviceInWords,
  markdownOf,
  measureIfSupported,
  type Row,
} from './benchmark.js';
import { byId, byIdOf } from './dom.js';
import type { ModelChoice } from './model-choice.js';
import { messageOf } from './picture-file.js';
import type { SettingsStore } from './settings.js';

export interface BenchmarkEvents {
  /** The 1280 x 720 frame to measure with. */
  frame: () => Promise<ImageData>;
  /** Called before and after the benchmark, during which nothing else should run. */
  pause: () => void;
  resume: () => void;
}

export class BenchmarkPanel {
  private readonly button = byIdOf(HTMLButtonElement, 'benchmark');
  private readonly copy = byIdOf(HTMLButtonElement, 'copy');
  private readonly progress = byIdOf(HTMLProgressElement, 'benchmark-progress');
  private readonly table = byIdOf(HTMLTableElement, 'benchmark-table');
  private running: AbortController | undefined;
  private rows: Row[] = [];

  constructor(
    private readonly store: SettingsStore,
    private readonly models: ModelChoice,
    private readonly events: BenchmarkEvents,
  ) {
    this.button.addEventListener('click', () => {
      if (this.running) this.running.abort();
      else void this.run();
    });
    this.copy.addEventListener('click', () => {
      navigator.clipboard.writeText(markdownOf(this.caption(), this.rows)).then(
        () => this.say('Copied.'),
        () => this.say('The browser does not let this page copy: select the table instead.'),
      );
    });
  }

  private async run(): Promise<void> {
    this.running = new AbortController();
    const { signal } = this.running;
    this.rows = [];
    this.showTable();
    this.showRunning(true);
    this.events.pause();
    try {
      await this.runAll(await this.events.frame(), signal);
      this.say('Done.');
    } catch (reason) {
      this.say(signal.aborted ? 'Cancelled.' : messageOf(reason));
    }
    this.running = undefined;
    this.showRunning(false);
    this.events.resume();
  }

  private async runAll(frame: ImageData, signal: AbortSignal): Promise<void> {
    const cases = benchmarkCases(this.models.all());
    this.progress.max = cases.length;
    for (const each of cases) {
      this.progress.value = this.rows.length;
      this.rows.push(await measureIfSupported(each, frame, this.store.current.frames, signal));
      this.showTable();
    }
  }

  private caption(): string {
    const { frames } = this.store.current;
    return `${deviceInWords()}; a 1280x720 frame with blur, mean of ${frames}`;
  }

  private showRunning(running: boolean): void {
    this.button.textContent = running ? 'Cancel' : 'Run the benchmark';
    this.progress.hidden = !running;
    this.copy.hidden = running || this.rows.length === 0;
    if (running) this.say('Running…');
  }

  private showTable(): void {
    byId('benchmark-result').hidden = this.rows.length === 0;
    this.table.replaceChildren();
    this.table.createCaption().textContent = this.caption();
    const head = this.table.createTHead().insertRow();
    for (const title of columns) {
      const cell = Object.assign(document.createElement('th'), { scope: 'col' });
      cell.textContent = title;
      head.append(cell);
    }
    const body = this.table.createTBody();
    for (const row of this.rows) {
      const line = body.insertRow();
      for (const value of row) line.insertCell().textContent = value;
    }
  }

  private say(text: string): void {
    byId('benchmark-state').textContent = text;
  }
}
