// A thread of the engine: a Worker that helps an instance of the same module on the same memory.
import { Gl } from './gl.js';
import { importsOf } from './exports.js';

/** The exports, for threads, of a module that is built for them. */
export interface ThreadExports {
  __stack_pointer: WebAssembly.Global;
  backdrop_allocate(size: number): number;
  backdrop_thread_main(): never;
}

/** The message that starts a thread. */
export interface ThreadStart {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  /** The address above the thread's own stack, which grows down. */
  stackTop: number;
}

/** Posts a message when the thread is ready, and works until the Worker is terminated. */
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
