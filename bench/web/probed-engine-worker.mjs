// Stands in the place of the package's engine/worker.js: the same, with its WebAssembly memory in
// the global `engineMemory`.
import '/bench/web/probe.mjs';
import '/dist/engine/worker.js';
