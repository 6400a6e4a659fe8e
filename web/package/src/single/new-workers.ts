// In place of all makers of Workers in the single file: one script, which a Worker's name tells what to be.
import { startWorker, tellOfSilentErrors } from '../create-worker.js';
import { scriptAddress } from './inlined.js';

function newWorker(name: string): Worker {
  const message = `the Worker ${name} could not be started; a Content Security Policy has to allow worker-src blob:`;
  return tellOfSilentErrors(startWorker(scriptAddress(), name), message);
}

export const newEngineWorker = (): Worker => newWorker('backdrop-engine');
export const newStreamWorker = (): Worker => newWorker('backdrop-stream');
export const newTickWorker = (): Worker => newWorker('backdrop-clock');
export const newThreadWorker = (): Worker => newWorker('backdrop-thread');
