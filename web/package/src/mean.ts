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
