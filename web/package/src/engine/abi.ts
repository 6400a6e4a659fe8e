// Written by bin/abi.mjs from include/backdrop/backdrop.h: do not edit.

/** backdrop_status, by number. */
export const statuses = ['ok', 'argument', 'model', 'unsupported', 'state', 'memory'] as const;

/** backdrop_format, by number. */
export const formats = ['RGBA', 'I420', 'NV12', 'BGRA'] as const;

/** backdrop_color_space, by number. */
export const colorSpaces = ['bt601-limited', 'bt601-full', 'bt709-limited', 'bt709-full'] as const;

/** backdrop_output, by number. */
export const outputKinds = [
  'auto',
  'probability',
  'logit',
  'logits',
  'probabilities',
  'arg-max',
  'label',
] as const;

/** backdrop_channel_order, by number. */
export const channelOrders = ['rgb', 'bgr'] as const;

/** backdrop_precision, by number. */
export const precisions = ['auto', 'float'] as const;

/** backdrop_fit, by number. */
export const fits = ['cover', 'contain'] as const;

/** backdrop_refinement, by number. */
export const refinementKinds = [
  'none',
  'guided',
  'bilateral',
  'bilateral-rational',
  'bilateral-separable',
] as const;

/** backdrop_blend_mode, by number. */
export const blendModes = ['screen', 'linear-dodge'] as const;

/** backdrop_image: its size and its fields' offsets in bytes. */
export const imageStruct = {
  size: 48,
  format: 0,
  width: 4,
  height: 8,
  strides: 12,
  planes: 24,
  colorSpace: 36,
  rotation: 40,
  flip: 44,
} as const;

/** backdrop_texture: its size and its fields' offsets in bytes. */
export const textureStruct = { size: 12, name: 0, width: 4, height: 8 } as const;

/** backdrop_model_options: its size and its fields' offsets in bytes. */
export const modelOptionsStruct = {
  size: 88,
  inputMin: 0,
  inputMax: 4,
  output: 8,
  channelOrder: 12,
  inputWidth: 16,
  inputHeight: 20,
  classes: 24,
  outputName: 56,
  inputMean: 60,
  inputDeviation: 72,
  precision: 84,
} as const;

/** backdrop_model_info: its size and its fields' offsets in bytes. */
export const modelInfoStruct = {
  size: 100,
  inputWidth: 0,
  inputHeight: 4,
  inputChannels: 8,
  outputWidth: 12,
  outputHeight: 16,
  outputChannels: 20,
  inputMin: 24,
  inputMax: 28,
  output: 32,
  channelOrder: 36,
  classCount: 40,
  classes: 44,
  channelMin: 76,
  channelMax: 88,
} as const;

/** backdrop_statistics: its size and its fields' offsets in bytes. */
export const statisticsStruct = {
  size: 72,
  frames: 0,
  sample: 8,
  infer: 16,
  matte: 24,
  composite: 32,
  inferences: 40,
  interval: 48,
  kept: 56,
  networkBytes: 64,
} as const;

/** Ranges, both ends included, and defaults of a new engine. */
export const limits = {
  abiVersion: 2,
  mostThreads: 32,
  largestSize: 32768,
  largestInput: 4096,
  mostClasses: 256,
  blurStrengthMin: 0.1,
  blurStrengthMax: 20,
  blurStrengthDefault: 2,
  coverageLowDefault: 0.4,
  coverageHighDefault: 0.8,
  sigmaSpaceMin: 0.1,
  sigmaSpaceMax: 10,
  sigmaSpaceDefault: 1,
  sigmaColorMin: 0.001,
  sigmaColorMax: 1,
  sigmaColorDefault: 0.1,
  lightWrappingDefault: 0,
  steadyingDefault: 0.9,
  motionGateDefault: 0,
  learnedRoomDefault: 1,
  personCropDefault: 1,
  onlyFrontDefault: 0,
  despecklingDefault: 1,
  budgetDefault: 0,
} as const;
