import { newThreadWorker } from './new-thread-worker.js';
import type { ThreadExports, ThreadStart } from './thread.js';

// In pages of 64 KiB; web/wasm/CMakeLists.txt has the same sizes in bytes.
const memorySize = { initial: 512, maximum: 16384, shared: true };

// As large as the calling thread's.
const stackSize = 65536;

// A thread that is not ready by then counts as failed.
const startMilliseconds = 5000;

/** A memory for a module that is built for threads; other modules have their own. */
export function sharedMemoryFor(module: WebAssembly.Module): WebAssembly.Memory | undefined {
  const isThreaded = WebAssembly.Module.imports(module).some(({ kind }) => kind === 'memory');
  return isThreaded ? new WebAssembly.Memory(memorySize) : undefined;
}

/** Workers that share an instance's memory and its work. After `close` the instance works alone. */
export class Threads {
  private readonly workers: Worker[] = [];

  constructor(
    private readonly module: WebAssembly.Module,
    private readonly memory: WebAssembly.Memory,
    private readonly exports: ThreadExports,
  ) {}

  /** The number of these Workers. */
  get count(): number {
    return this.workers.length;
  }

  /** Starts `count` threads, or none if one of them fails to start. */
  async start(count: number): Promise<void> {
    try {
      await Promise.all(Array.from({ length: count }, () => this.startOne()));
    } catch {
      this.close();
    }
  }

  close(): void {
    for (const worker of this.workers.splice(0)) worker.terminate();
  }

  private async startOne(): Promise<void> {
    const start: ThreadStart = {
      module: this.module,
      memory: this.memory,
      stackTop: reserveStack(this.exports),
    };
    const worker = newThreadWorker();
    this.workers.push(worker);
    await new Promise((resolve, reject) => {
      worker.addEventListener('message', resolve, { once: true });
      worker.addEventListener('error', reject, { once: true });
      setTimeout(reject, startMilliseconds);
      worker.postMessage(start);
    });
  }
}

/** The address above a thread's stack, which the thread can't allocate itself. */
function reserveStack(exports: ThreadExports): number {
  const address = exports.backdrop_allocate(stackSize);
  if (address === 0) throw new Error('there is no memory left for a stack');
  return address + stackSize;
}
