/** What a module imports: a clock, and when it is built for threads the memory that they share. */
export function importsOf(memory?: WebAssembly.Memory): WebAssembly.Imports {
  return { backdrop: { now: () => performance.now() }, ...(memory && { env: { memory } }) };
}
