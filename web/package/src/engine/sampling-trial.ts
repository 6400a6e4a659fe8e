// Finds the faster way of sampling frames: it depends on the GPU, the browser, and on whether the
// camera's frames are in the GPU's memory.

export type Way = 'gpu' | 'cpu';

/** Frames of each way, and how many of them only warm up. */
const trialFrames = 12;
const warmUpFrames = 4;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** Tries both ways on some frames each, then keeps the faster one until the size changes. */
export class SamplingTrial {
  private size = '';
  private times: Record<Way, number[]> = { gpu: [], cpu: [] };

  /** The way of the next frame. */
  next(width: number, height: number): Way {
    const size = `${width}x${height}`;
    if (size !== this.size) this.times = { gpu: [], cpu: [] };
    this.size = size;
    const { gpu, cpu } = this.times;
    if (gpu.length < trialFrames) return 'gpu';
    if (cpu.length < trialFrames) return 'cpu';
    return median(gpu.slice(warmUpFrames)) <= median(cpu.slice(warmUpFrames)) ? 'gpu' : 'cpu';
  }

  /** The time of a frame that way, without the network. */
  add(way: Way, milliseconds: number): void {
    const times = this.times[way];
    if (times.length < trialFrames) times.push(milliseconds);
  }
}
