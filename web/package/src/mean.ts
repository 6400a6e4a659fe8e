/** An exponential moving average: each new value has a weight of 0.1. */
export class RunningMean {
  private mean: number | undefined;

  get value(): number {
    return this.mean ?? 0;
  }

  add(measured: number): void {
    this.mean = this.mean === undefined ? measured : this.mean + 0.1 * (measured - this.mean);
  }
}

const medianValues = 5;

/** The median of the latest five values, which a few slow ones do not change; 0 until there are five. */
export class RecentMedian {
  private values: number[] = [];

  get value(): number {
    if (this.values.length < medianValues) return 0;
    return [...this.values].sort((a, b) => a - b)[medianValues >> 1] ?? 0;
  }

  add(measured: number): void {
    this.values = [...this.values, measured].slice(-medianValues);
  }
}
