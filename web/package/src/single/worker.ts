// The Workers' script of the single file.
const parts: Record<string, () => Promise<unknown>> = {
  'backdrop-engine': () => import('../engine/worker.js'),
  'backdrop-stream': () => import('../stream/worker.js'),
  'backdrop-clock': () => import('../transport/tick-worker.js'),
  'backdrop-thread': () => import('../engine/thread.js'),
};

void parts[self.name]?.();
