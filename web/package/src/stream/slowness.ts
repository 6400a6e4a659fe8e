// Whether the stream keeps up, with hysteresis.
import type { StreamStatistics } from '../events.js';

/** So many seconds in a row are slow, or are not, before it is told. */
const patience = 2;

export class Slowness {
  private isSlow = false;
  /** Seconds in a row that contradict `isSlow`. */
  private contrary = 0;

  /**
   * Looks at the statistics of a second.
   * @returns what is slow if the stream has become slow, and '' if it has ceased to be
   */
  look(statistics: StreamStatistics, targetFps: number): string | undefined {
    const message = slownessOf(statistics, targetFps);
    this.contrary = (message !== undefined) === this.isSlow ? 0 : this.contrary + 1;
    if (this.contrary < patience) return undefined;
    this.contrary = 0;
    this.isSlow = message !== undefined;
    return message ?? '';
  }
}

function slownessOf(
  { interval, fpsIn, fpsOut }: StreamStatistics,
  targetFps: number,
): string | undefined {
  const wanted = Math.min(targetFps, fpsIn);
  if (fpsOut < 0.9 * wanted) return `${fpsOut.toFixed(0)} of ${wanted.toFixed(0)} frames a second`;
  if (interval > 1) return `the network runs on every ${interval === 2 ? 'second' : 'third'} frame`;
  return undefined;
}
