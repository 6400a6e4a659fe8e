// A thread of the engine: a Worker that helps an instance of the same module on the same memory.
import { Gl } from './gl.js';
import { importsOf } from './exports.js';

/** What a module built for threads exports for them. */
export interface ThreadExports {
  __stack_pointer: WebAssembly.Global;
  backdrop_allocate(size: number): number;
  backdrop_thread_main(): never;
}

/** What the thread is sent when it starts. */
export interface ThreadStart {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  /** The address above the thread's own stack, which grows down. */
  stackTop: number;
}

/** Says when it is there, and is at work from then on until the Worker is terminated. */
async function run({ module, memory, stackTop }: ThreadStart): Promise<void> {
  const instance = await WebAssembly.instantiate(module, importsOf(new Gl(), memory));
  const exports = instance.exports as unknown as ThreadExports;
  exports.__stack_pointer.value = stackTop;
  self.postMessage('ready');
  exports.backdrop_thread_main();
}

self.addEventListener('message', ({ data }: MessageEvent<ThreadStart>) => void run(data), {
  once: true,
});
