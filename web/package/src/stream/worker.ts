// The stream in a Worker, for browsers whose Workers can have the streams.
import { post, serve } from '../rpc.js';
import { newEngineWorker } from '../engine/new-engine-worker.js';
import { streamHandlers } from './handlers.js';
import type { StreamCalls } from './protocol.js';

serve<StreamCalls>(streamHandlers(newEngineWorker, post));
