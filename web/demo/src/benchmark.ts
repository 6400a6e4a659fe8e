// Measures every model, variant and pipeline on the same frame, one after the other.
import {
  BackdropError,
  EngineClient,
  newEngineWorker,
  supports,
  variants,
  type PipelineName,
  type Variant,
} from '@backdrop/web';
import type { Model } from './models.js';
import { pipelineTitles } from './titles.js';

const warmUpFrames = 5;
const warmUpMilliseconds = 500;
const [width, height] = [1280, 720];

export const columns = ['Model', 'Input resolution', 'Backend', 'Pipeline', 'FPS', 'ms a frame'];
export type Row = readonly string[];

interface Case {
  model: Model;
  variant: Variant;
  pipeline: PipelineName;
}

const backends: Record<Variant, string> = {
  relaxed: 'WebAssembly relaxed SIMD',
  simd: 'WebAssembly SIMD',
  scalar: 'WebAssembly',
};

export function benchmarkCases(models: readonly Model[]): Case[] {
  const pipelines = Object.keys(pipelineTitles) as PipelineName[];
  return models.flatMap((model) =>
    variants
      .filter(supports)
      .flatMap((variant) => pipelines.map((pipeline) => ({ model, variant, pipeline }))),
  );
}

/** The frame to measure with: the picture, scaled to cover 1280 x 720. */
export function frameOf(image: CanvasImageSource, [w, h]: readonly [number, number]): ImageData {
  const context = new OffscreenCanvas(width, height).getContext('2d');
  if (!context) throw new Error('this browser has no 2D canvas');
  const scale = Math.max(width / w, height / h);
  context.drawImage(image, (width - scale * w) / 2, (height - scale * h) / 2, scale * w, scale * h);
  return context.getImageData(0, 0, width, height);
}

/** A frame as a camera gives it, where the browser has VideoFrame. */
function pictureOf(pixels: ImageData, index: number): VideoFrame | ImageData {
  if (!('VideoFrame' in globalThis)) return new ImageData(pixels.data.slice(), width);
  return new VideoFrame(pixels.data, {
    format: 'RGBX',
    codedWidth: width,
    codedHeight: height,
    timestamp: index,
  });
}

/** Measures one case with a blur, and without static-scene skip, because all frames are the same. */
async function measure(
  { model, variant, pipeline }: Case,
  pixels: ImageData,
  frames: number,
  cancelled: AbortSignal,
): Promise<Row> {
  const setup = { model: model.source, variant, pipeline, threads: 'auto' } as const;
  const engine = await EngineClient.start(newEngineWorker(), {
    ...setup,
    background: { kind: 'blur', strength: 2 },
    motionGate: false,
  });
  try {
    const process = async (index: number) => {
      cancelled.throwIfAborted();
      const { picture } = await engine.process(pictureOf(pixels, index));
      if ('close' in picture) picture.close();
    };
    const warmUpEnd = performance.now() + warmUpMilliseconds;
    for (let i = 0; i < warmUpFrames && performance.now() < warmUpEnd; ++i) await process(i);
    const start = performance.now();
    for (let i = 0; i < frames; ++i) await process(warmUpFrames + i);
    const milliseconds = (performance.now() - start) / frames;
    const { threads, model: info } = engine.started;
    return [
      model.title,
      `${info.input.width}x${info.input.height}`,
      threads > 1 ? `${backends[variant]}, ${threads} threads` : backends[variant],
      pipelineTitles[pipeline],
      (1000 / milliseconds).toFixed(0),
      milliseconds.toFixed(1),
    ];
  } finally {
    engine.close();
  }
}

/** Measures one case; the row has no numbers where the browser does not support the pipeline. */
export async function measureIfSupported(...given: Parameters<typeof measure>): Promise<Row> {
  try {
    return await measure(...given);
  } catch (reason) {
    if (!(reason instanceof BackdropError && reason.code === 'unsupported')) throw reason;
    const [{ model, variant, pipeline }] = given;
    return [model.title, '–', backends[variant], pipelineTitles[pipeline], '–', '–'];
  }
}

/** The table as Markdown, below its caption. */
export function markdownOf(caption: string, rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const ruler = line(columns.map((_, i) => (i < 4 ? '---' : '---:')));
  return [caption, '', line(columns), ruler, ...rows.map(line), ''].join('\n');
}

/** The browser, system and number of cores, in words. */
export function deviceInWords(): string {
  const { userAgent, hardwareConcurrency } = navigator;
  const [, name = 'a browser', version = ''] =
    /(Edg|Firefox|Chrome)\/(\d+)/.exec(userAgent) ?? /(?:)(Safari)\/(\d+)/.exec(userAgent) ?? [];
  const system = /\(([^;)]+;\s*)?([^;)]+)/.exec(userAgent)?.[2] ?? 'an unknown system';
  return `${name} ${version}, ${system}, ${hardwareConcurrency} logical cores`;
}
