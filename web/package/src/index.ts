export { Backdrop } from './backdrop.js';
export { modelOptions, type CatalogueEntry } from './catalogue.js';
export { Engine } from './engine.js';
export type {
  Background,
  EngineFrame,
  FrameFormat,
  ModelInfo,
  ModelOptions,
  OutputKind,
  Pixels,
  PlaneLayout,
  Statistics,
} from './engine.js';
export { BackdropError, type ErrorCode } from './error.js';
export type { Picture } from './picture.js';
export type { FrameStatistics, ModelSource, WorkerBackground } from './protocol.js';
export {
  bestThreads,
  bestVariant,
  moduleUrl,
  supports,
  supportsThreads,
  variants,
  type Variant,
} from './variant.js';
