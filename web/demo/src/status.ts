// The state in words, and the performance in numbers.
import type { StreamStatistics } from '@backdrop/web';
import { byId } from './dom.js';
import { Chart } from './chart.js';
import { stages, totalOf } from './stages.js';
import type { Stages, State } from './processing.js';

const stateTitles: Record<State['kind'], string> = {
  loading: 'Loading',
  ready: 'Ready',
  slow: 'Slow',
  failed: 'Failed',
  ended: 'Stopped',
};

export class Status {
  private readonly chart = new Chart();
  private readonly values: HTMLElement[];

  constructor() {
    this.values = stages.map(([stage, title]) => {
      const row = document.createElement('div');
      const term = Object.assign(document.createElement('dt'), { className: stage });
      const value = document.createElement('dd');
      term.textContent = title;
      row.append(term, value);
      byId('stages').append(row);
      return value;
    });
    this.clear();
  }

  setState({ kind, message }: State): void {
    const state = byId('state');
    const isPlain = kind === 'loading' || kind === 'ready';
    const text = isPlain ? stateTitles[kind] : `${stateTitles[kind]}: ${message}`;
    if (kind === 'ready') byId('running').textContent = `Runs with: ${message}.`;
    state.dataset.kind = kind;
    // A screen reader reads each assignment, even of the same text.
    if (state.textContent !== text) state.textContent = text;
  }

  /** Clears all numbers and the chart. */
  clear(): void {
    for (const id of ['fps-in', 'fps-out', 'dropped', 'latency', 'total']) {
      byId(id).textContent = '–';
    }
    for (const value of this.values) value.textContent = '–';
    byId('governor').textContent = '';
    this.chart.clear();
  }

  addPicture(milliseconds: Stages): void {
    this.showStages(milliseconds);
  }

  addSecond(statistics: StreamStatistics, targetFps: number): void {
    const { fpsIn, fpsOut, dropped, latency, stages } = statistics;
    byId('fps-in').textContent = fpsIn.toFixed(0);
    byId('fps-out').textContent = fpsOut.toFixed(0);
    byId('dropped').textContent = String(dropped);
    byId('latency').textContent = latency.toFixed(0);
    byId('governor').textContent = governorInWords(statistics);
    this.showStages(stages);
    this.chart.add(stages, 1000 / targetFps);
  }

  private showStages(milliseconds: Stages): void {
    byId('total').textContent = totalOf(milliseconds).toFixed(1);
    stages.forEach(([stage], i) => {
      const value = this.values[i];
      if (value) value.textContent = milliseconds[stage].toFixed(1);
    });
  }
}

const paces = [
  'every frame',
  'every second frame, to save time',
  'every third frame, to save time',
];

function governorInWords({ interval, keptStill, keptBudget }: StreamStatistics): string {
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  if (keptStill >= 0.01) {
    return `Nothing moves: the mask was kept for ${percent(keptStill)} of the frames.`;
  }
  const pace = paces[interval - 1] ?? `every ${interval}th frame, to save time`;
  const kept = keptBudget >= 0.01 ? `; the mask was kept for ${percent(keptBudget)}` : '';
  return `The network runs on ${pace}${kept}.`;
}
