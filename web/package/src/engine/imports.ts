import type { Gl } from './gl.js';

/**
 * What a module imports: a clock, OpenGL's functions, and when it is built for threads the memory that
 * they share.
 */
export function importsOf(gl: Gl, memory?: WebAssembly.Memory): WebAssembly.Imports {
  return {
    backdrop: { now: () => performance.now() },
    gl: gl.imports(),
    ...(memory && { env: { memory } }),
  };
}
