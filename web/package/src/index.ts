export { Backdrop } from './backdrop.js';
export { modelOptions, type CatalogueEntry } from './catalogue.js';
export {
  blendModes,
  channelOrders,
  outputKinds,
  precisions,
  refinementKinds,
} from './engine/abi.js';
export { EngineClient } from './engine/client.js';
export { Engine } from './engine/engine.js';
export type {
  Background,
  ChannelOrder,
  Coverage,
  EngineFrame,
  FrameFormat,
  FrameOptions,
  Kept,
  LightWrapping,
  ModelInfo,
  ModelOptions,
  OutputKind,
  Pixels,
  PlaneLayout,
  Precision,
  Refinement,
  Statistics,
} from './engine/kinds.js';
export { BackdropError, type ErrorCode } from './error.js';
export type { Degraded, Events, Ready, State, StreamStatistics } from './events.js';
export type {
  BackgroundSource,
  FixedOptions,
  Options,
  PlacementOptions,
  PictureSource,
  VideoSource,
} from './options.js';
export type { ModelSource, PipelineName, Sampling } from './settings.js';
export type { Picture } from './engine/picture.js';
export type { Adjustments, FrameStatistics, Setup, Started } from './engine/protocol.js';
export { sentences } from './sentences.js';
export { transports, type TransportName } from './transport/detect.js';
export {
  bestThreads,
  bestVariant,
  moduleUrl,
  supports,
  supportsThreads,
  variants,
  type Variant,
} from './engine/variant.js';
export { newEngineWorker } from './engine/new-engine-worker.js';
