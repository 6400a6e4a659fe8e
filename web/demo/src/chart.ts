// A chart of milliseconds a frame: a bar for each of the latest seconds, with its stages stacked.
import { byIdOf, context2d } from './dom.js';
import type { Stages } from './processing.js';
import { stages, totalOf } from './stages.js';

const seconds = 30;
const labelWidth = 48;
const padding = 7;
const gap = 2;
/** Milliseconds at the top of the chart. */
const scales = [4, 8, 12, 20, 30, 40, 60, 80, 120, 160, 240, 320, 480, 640, 960];

export class Chart {
  private readonly canvas = byIdOf(HTMLCanvasElement, 'chart');
  private readonly context = context2d(this.canvas);
  private bars: Stages[] = [];
  /** Milliseconds between two frames at the target frame rate. */
  private budget = 0;

  constructor() {
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    new MutationObserver(() => this.draw()).observe(document.documentElement, {
      attributeFilter: ['data-theme'],
    });
  }

  clear(): void {
    this.bars = [];
    this.draw();
  }

  add(bar: Stages, budget: number): void {
    this.bars = [...this.bars.slice(1 - seconds), bar];
    this.budget = budget;
    this.draw();
  }

  private draw(): void {
    const { canvas, context } = this;
    const { clientWidth: width, clientHeight: height } = canvas;
    Object.assign(canvas, { width: width * devicePixelRatio, height: height * devicePixelRatio });
    context.scale(devicePixelRatio, devicePixelRatio);
    if (this.bars.length === 0) return this.drawHint(width, height);
    const highest = Math.max(...this.bars.map(totalOf));
    const top = scales.find((scale) => scale >= highest) ?? highest;
    const y = (milliseconds: number) =>
      height - padding - (milliseconds / top) * (height - 2 * padding);
    this.drawScale(width, top, y);
    this.drawBars(width, y);
    if (this.budget <= top) this.drawBudget(width, y(this.budget));
  }

  private drawHint(width: number, height: number): void {
    this.write('Fills while a camera or a clip runs', width / 2, height / 2, 'center');
  }

  private drawScale(width: number, top: number, y: (milliseconds: number) => number): void {
    for (const part of [0, 0.5, 1]) {
      const at = Math.round(y(part * top)) + 0.5;
      this.line(labelWidth, width, at, '--line');
      this.write(part === 1 ? `${top} ms` : String(part * top), labelWidth - 6, at, 'right');
    }
  }

  private drawBars(width: number, y: (milliseconds: number) => number): void {
    const pitch = (width - labelWidth) / seconds;
    this.bars.forEach((bar, i) => {
      const left = width - pitch * (this.bars.length - i) + gap / 2;
      let sum = 0;
      for (const [stage] of stages) {
        const bottom = y(sum);
        sum += bar[stage];
        this.context.fillStyle = this.color(`--${stage}`);
        this.context.fillRect(left, y(sum), pitch - gap, bottom - y(sum));
      }
    });
  }

  private drawBudget(width: number, y: number): void {
    this.context.setLineDash([4, 4]);
    this.line(labelWidth, width, y, '--quiet');
    this.context.setLineDash([]);
  }

  private line(from: number, to: number, y: number, color: string): void {
    this.context.strokeStyle = this.color(color);
    this.context.beginPath();
    this.context.moveTo(from, y);
    this.context.lineTo(to, y);
    this.context.stroke();
  }

  private write(text: string, x: number, y: number, align: CanvasTextAlign): void {
    const { context } = this;
    context.font = '11px system-ui, sans-serif';
    context.fillStyle = this.color('--quiet');
    Object.assign(context, { textAlign: align, textBaseline: 'middle' });
    context.fillText(text, x, y);
  }

  private color(name: string): string {
    return getComputedStyle(this.canvas).getPropertyValue(name);
  }
}
