// What things are called on the page.
import type { PipelineName, TransportName, Variant } from '@backdrop/web';

export const variantTitles: Record<Variant, string> = {
  relaxed: 'Relaxed SIMD',
  simd: 'SIMD',
  scalar: 'Without SIMD',
};

export const pipelineTitles: Record<PipelineName, string> = {
  engine: 'WebAssembly',
  canvas2d: 'Canvas 2D',
};

export const transportTitles: Record<TransportName, string> = {
  'window-streams': 'Streams, in the window',
  'worker-streams': 'Streams, in the Worker',
  canvas: 'Video element and canvas',
};
