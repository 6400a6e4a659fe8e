// The page's names of the package's options.
import type {
  LightWrapping,
  OutputKind,
  PipelineName,
  Sampling,
  TransportName,
  Variant,
} from '@backdrop/web';
import type { Position, RefinementChoice, Settings } from './settings.js';

export const positionTitles: Record<Position, string> = {
  center: 'Centre',
  top: 'Top',
  bottom: 'Bottom',
  left: 'Left',
  right: 'Right',
  'top left': 'Top left',
  'top right': 'Top right',
  'bottom left': 'Bottom left',
  'bottom right': 'Bottom right',
};

export const variantTitles: Record<Variant, string> = {
  relaxed: 'Relaxed SIMD',
  simd: 'SIMD',
  scalar: 'Without SIMD',
};

export const outputTitles: Record<OutputKind, string> = {
  auto: 'From the model',
  probability: 'Probability of a person',
  logit: 'Logit of a person',
  logits: 'Logits, a channel per class',
  probabilities: 'Probabilities, a channel per class',
  'arg-max': 'Arg-max over a channel per class',
  label: 'Class numbers',
};

export const precisionTitles: Record<Settings['precision'], string> = {
  auto: 'Automatic',
  float: 'Floats',
};

export const rangeTitles: Record<Settings['range'], string> = {
  auto: 'From the model',
  '0,1': '0 to 1',
  '-1,1': '−1 to 1',
};

export const pipelineTitles: Record<PipelineName, string> = {
  engine: 'WebAssembly',
  webgl2: 'WebGL 2',
  canvas2d: 'Canvas 2D',
};

export const refinementTitles: Record<RefinementChoice, string> = {
  auto: 'Automatic',
  none: 'None',
  guided: 'Guided filter',
  bilateral: 'Joint bilateral filter',
  'bilateral-rational': 'Joint bilateral, rational weights',
  'bilateral-separable': 'Joint bilateral, separable',
};

export const blendModeTitles: Record<LightWrapping['blendMode'], string> = {
  screen: 'Screen',
  'linear-dodge': 'Linear dodge (sum)',
};

export const samplingTitles: Record<Sampling, string> = {
  auto: 'Fastest',
  gpu: 'GPU',
  cpu: 'CPU',
};

export const transportTitles: Record<TransportName, string> = {
  'window-streams': 'Streams, in the window',
  'worker-streams': 'Streams, in the Worker',
  canvas: 'Video element and canvas',
};
