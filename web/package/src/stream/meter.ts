// Counts and means of a stream.
import type { FrameStatistics } from '../engine/protocol.js';
import type { StreamStatistics } from '../events.js';
import { RunningMean } from '../mean.js';

type Stages = StreamStatistics['stages'];

const noStages: Stages = { copy: 0, sample: 0, infer: 0, matte: 0, composite: 0 };

/** A pause is no frame rate. */
const longestInterval = 200;

export class Meter {
  private since = performance.now();
  private came = 0;
  private left = 0;
  private blank = 0;
  private processed = 0;
  private stages = { ...noStages };
  private latency = 0;
  private still = 0;
  private budget = 0;
  private networkInterval = 1;
  private counts = { delivered: 0, dropped: 0, skipped: 0 };
  private lastCame: number | undefined;
  private intervals = new RunningMean();
  private frame = { width: 0, height: 0, format: null as string | null };

  /** The next frame is of another source. */
  attach(): void {
    this.lastCame = undefined;
    this.intervals = new RunningMean();
  }

  /** Mean milliseconds between the source's latest frames; 0 before the second one. */
  get interval(): number {
    return this.intervals.value;
  }

  frameCame(width: number, height: number, format: string | null): void {
    ++this.came;
    const now = performance.now();
    if (this.lastCame !== undefined) {
      this.intervals.add(Math.min(now - this.lastCame, longestInterval));
    }
    this.lastCame = now;
    this.frame = { width, height, format };
  }

  frameDropped(): void {
    ++this.counts.dropped;
  }

  frameSkipped(): void {
    ++this.counts.skipped;
  }

  frameLeft(isBlank: boolean): void {
    ++this.left;
    ++this.counts.delivered;
    if (isBlank) ++this.blank;
  }

  /** @param latency milliseconds from the frame's arrival to its departure */
  frameProcessed(statistics: FrameStatistics, latency: number): void {
    ++this.processed;
    for (const stage of Object.keys(noStages) as (keyof Stages)[]) {
      this.stages[stage] += statistics[stage];
    }
    this.latency += latency;
    if (statistics.kept === 'still') ++this.still;
    if (statistics.kept === 'budget') ++this.budget;
    this.networkInterval = statistics.interval;
  }

  /** The statistics since the call before. */
  read(): StreamStatistics {
    const now = performance.now();
    const perSecond = 1000 / Math.max(1, now - this.since);
    const perFrame = 1 / Math.max(1, this.processed);
    const stages = { ...noStages };
    for (const stage of Object.keys(stages) as (keyof Stages)[]) {
      stages[stage] = this.stages[stage] * perFrame;
    }
    const statistics: StreamStatistics = {
      fpsIn: this.came * perSecond,
      fpsOut: this.left * perSecond,
      fpsBlank: this.blank * perSecond,
      ...this.counts,
      ...this.frame,
      stages,
      latency: this.latency * perFrame,
      interval: this.networkInterval,
      keptStill: this.still * perFrame,
      keptBudget: this.budget * perFrame,
    };
    this.since = now;
    this.came = this.left = this.blank = this.processed = this.still = this.budget = 0;
    this.latency = 0;
    this.stages = { ...noStages };
    return statistics;
  }
}
