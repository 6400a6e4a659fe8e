// Frames a second and milliseconds a stage, over the latest second or so.
import type { FrameStatistics } from '@backdrop/web';
import { byId } from './dom.js';

const stages = [
  ['copy', 'Copy'],
  ['sample', 'Sample'],
  ['infer', 'Infer'],
  ['matte', 'Matte'],
  ['composite', 'Compose'],
] as const;
const frameCount = 30;
const refreshMilliseconds = 250;

interface Delivered {
  time: number;
  statistics: FrameStatistics;
}

export class Meters {
  private readonly values: HTMLElement[];
  private readonly parts: HTMLElement[];
  private frames: Delivered[] = [];
  private shown = 0;

  constructor() {
    this.values = stages.map(([stage, title]) => {
      const row = document.createElement('div');
      const term = document.createElement('dt');
      const value = document.createElement('dd');
      term.className = stage;
      term.textContent = title;
      row.append(term, value);
      byId('stages').append(row);
      return value;
    });
    this.parts = stages.map(([stage]) => {
      const part = document.createElement('i');
      part.className = stage;
      byId('bar').append(part);
      return part;
    });
    this.clear();
  }

  clear(): void {
    this.frames = [];
    this.shown = 0;
    byId('fps').textContent = byId('total').textContent = '–';
    for (const value of this.values) value.textContent = '–';
    for (const part of this.parts) part.style.flexGrow = '0';
  }

  /** Counts a frame; frames a second are only shown for a source that gives them `live`. */
  add(statistics: FrameStatistics, live: boolean): void {
    const time = performance.now();
    this.frames = [...this.frames.slice(1 - frameCount), { time, statistics }];
    if (time - this.shown < refreshMilliseconds) return;
    this.shown = time;
    this.show(live);
  }

  private show(live: boolean): void {
    const means = stages.map(([stage]) => this.mean((statistics) => statistics[stage]));
    const total = means.reduce((sum, milliseconds) => sum + milliseconds, 0);
    byId('total').textContent = total.toFixed(1);
    byId('fps').textContent = live ? this.rate() : '–';
    means.forEach((milliseconds, stage) => {
      const value = this.values[stage];
      const part = this.parts[stage];
      if (value) value.textContent = milliseconds.toFixed(1);
      if (part) part.style.flexGrow = String(milliseconds);
    });
  }

  private mean(of: (statistics: FrameStatistics) => number): number {
    return this.frames.reduce((sum, frame) => sum + of(frame.statistics), 0) / this.frames.length;
  }

  private rate(): string {
    const [first, last] = [this.frames[0], this.frames[this.frames.length - 1]];
    if (!first || !last || first === last) return '–';
    return ((1000 * (this.frames.length - 1)) / (last.time - first.time)).toFixed(0);
  }
}
