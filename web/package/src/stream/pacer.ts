/** Limits the frame rate, evenly; a camera's jitter drops no frame. */
export class Pacer {
  private due = 0;

  /**
   * @param now milliseconds
   * @param framesPerSecond 0 for none
   * @returns whether the frame that comes now is wanted
   */
  wants(now: number, framesPerSecond: number): boolean {
    if (framesPerSecond === 0) return false;
    const interval = 1000 / framesPerSecond;
    if (now < this.due - interval / 3 && this.due - now < 2 * interval) return false;
    this.due = Math.max(this.due + interval, now);
    if (this.due > now + 2 * interval) this.due = now + interval;
    return true;
  }
}
