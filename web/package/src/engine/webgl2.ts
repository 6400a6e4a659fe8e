// The pipeline on the GPU: WebGL 2 refines the mask and composites, the network runs on the CPU.
import { BackdropError } from '../error.js';
import { RecentMedian } from '../mean.js';
import type { Engine } from './engine.js';
import type { Texture } from './kinds.js';
import { drawBackground, largestSide } from './background-picture.js';
import { contextOf, resize, type Context, type Size } from './canvas.js';
import { isMixedAsStored } from './color-space.js';
import { drawable } from './drawable.js';
import { read } from './engine-picture.js';
import {
  asPicture,
  close,
  hasSquarePixels,
  isUpright,
  mayHaveAlpha,
  sizeOf,
  storedSizeOf,
  type Picture,
} from './picture.js';
import {
  adjustEngine,
  adjustRefinement,
  EnginePipeline,
  engineBudget,
  type Pipeline,
} from './pipeline.js';
import type { Adjustments, FrameStatistics } from './protocol.js';
import { SamplingTrial, type Way } from './sampling-trial.js';

/** The engine overwrites all pixels, and uses neither depth nor stencil. */
const attributes: WebGLContextAttributes = {
  alpha: true,
  premultipliedAlpha: false,
  antialias: false,
  depth: false,
  stencil: false,
  powerPreference: 'high-performance',
};

const automaticRefinement = 'bilateral-separable';

const pollMilliseconds = 1;

type ShownPicture = Extract<Adjustments['background'], { kind: 'image' }>;

/**
 * While the context is lost, the pipeline `engine` composites with the same engine, beginning with the
 * frame that was being drawn.
 */
export class WebGl2Pipeline implements Pipeline {
  private readonly canvas = new OffscreenCanvas(1, 1);
  private readonly context: WebGL2RenderingContext;
  private readonly cpu: EnginePipeline;
  private readonly besides = new RecentMedian();
  private readonly trial = new SamplingTrial();
  private sampling: Adjustments['sampling'] = 'auto';
  /** Owns the image, which is set again when the context is lost, and when it is restored. */
  private background: Adjustments['background'] = { kind: 'blur', strength: 2 };
  private frame: UploadedTexture | undefined;
  private picture: UploadedTexture | undefined;
  /** Where a background's picture is made opaque, and where a frame is drawn as it is displayed. */
  private opaque: Context | undefined;
  private display: Context | undefined;
  /** Whether the engine has its objects in the context. */
  private draws = false;
  private wasLost = false;

  constructor(private readonly engine: Engine) {
    const context = this.canvas.getContext('webgl2', attributes);
    if (!context) throw new BackdropError('unsupported', 'this browser has no WebGL 2 in a Worker');
    this.context = context;
    this.cpu = new EnginePipeline(engine);
    this.canvas.addEventListener('webglcontextlost', (event) => {
      // Otherwise the context would never be restored.
      event.preventDefault();
      this.wasLost = true;
    });
    adjustRefinement(engine, 'auto', automaticRefinement);
    this.create();
  }

  adjust({ background, ...rest }: Partial<Adjustments>): void {
    adjustEngine(this.engine, rest);
    const { refinement, lightWrapping, sampling } = rest;
    adjustRefinement(this.engine, refinement, automaticRefinement);
    if (lightWrapping) this.engine.setLightWrapping(lightWrapping);
    if (sampling) this.sampling = sampling;
    if (background) this.replaceBackground(background);
  }

  reset(): void {
    this.engine.reset();
  }

  async process(
    source: Picture,
    budget: number,
  ): Promise<{ picture: Picture; statistics: FrameStatistics }> {
    if (this.draws && this.isLost()) this.abandon();
    if (this.wasLost && !this.context.isContextLost()) this.restore();
    if (this.draws) {
      const drawn = await this.tryToDraw(source, budget);
      if (drawn) return drawn;
      this.abandon();
    }
    return this.cpu.process(source, budget);
  }

  /** Undefined if the context was lost meanwhile. */
  private async tryToDraw(
    source: Picture,
    budget: number,
  ): Promise<{ picture: Picture; statistics: FrameStatistics } | undefined> {
    try {
      const drawn = await this.draw(source, budget);
      if (!this.isLost()) return drawn;
      close(drawn.picture);
    } catch (reason) {
      if (!this.isLost()) throw reason;
    }
    return undefined;
  }

  private async draw(
    source: Picture,
    budget: number,
  ): Promise<{ picture: Picture; statistics: FrameStatistics }> {
    const start = performance.now();
    const frame = await this.upload(source);
    const uploaded = performance.now();
    const way = this.wayFor(source, frame);
    const pixels = way === 'cpu' ? (await read(this.engine, source, false)).frame : undefined;
    if (way === 'gpu') await this.shrink(frame);
    const sampled = performance.now();
    this.engine.setBudget(engineBudget(budget, this.besides));
    this.engine.glProcess(frame, pixels);
    const processed = performance.now();
    const picture = await asPicture(
      this.canvas,
      source,
      this.hasAlpha(source) ? 'keep' : 'discard',
    );
    const end = performance.now();
    const engine = this.engine.statistics();
    const copy = uploaded - start + (end - processed);
    const sample = engine.sample + (sampled - uploaded);
    this.besides.add(sampled - start + (end - processed));
    if (way !== 'none') this.trial.add(way, end - start - engine.infer - engine.matte);
    return { picture, statistics: { ...engine, sample, copy, pipeline: 'webgl2' } };
  }

  /** Whether alpha of what is drawn counts: without a background, it is the source's. */
  private hasAlpha(source: Picture): boolean {
    const { kind } = this.background;
    return kind === 'transparent' || (kind === 'none' && mayHaveAlpha(source));
  }

  /** How the frame is sampled: only an upright frame can be read as stored. */
  private wayFor(source: Picture, { width, height }: Texture): Way | 'none' {
    if (this.background.kind === 'none') return 'none';
    if (!isUpright(source)) return 'gpu';
    return this.sampling === 'auto' ? this.trial.next(width, height) : this.sampling;
  }

  /** Shrinks the frame on the GPU, and waits for the result without blocking the Worker. */
  private async shrink(frame: Texture): Promise<void> {
    this.engine.glBeginSample(frame);
    while (!this.engine.glIsSampled()) {
      await new Promise((resolve) => setTimeout(resolve, pollMilliseconds));
      if (this.isLost()) throw new BackdropError('state', 'the GPU was lost');
    }
  }

  /** What a texture would show otherwise than a display is drawn first. */
  private async upload(source: Picture): Promise<Texture> {
    this.frame ??= new UploadedTexture(this.engine, this.context);
    const image = await drawable(source);
    try {
      const asStored = hasSquarePixels(image) && isMixedAsStored(image);
      const size = asStored ? storedSizeOf(image) : sizeOf(image);
      const frame = this.frame.upload(asStored ? image : this.displayed(image, size), size);
      const [width, height] = size;
      if (this.canvas.width !== width || this.canvas.height !== height) {
        Object.assign(this.canvas, { width, height });
      }
      return frame;
    } finally {
      if (image !== source) close(image);
    }
  }

  private displayed(image: CanvasImageSource, size: Size): OffscreenCanvas {
    const context = (this.display ??= contextOf(size));
    resize(context, size);
    context.globalCompositeOperation = 'copy';
    context.drawImage(image, 0, 0, ...size);
    return context.canvas;
  }

  private replaceBackground(background: Adjustments['background']): void {
    const before = this.background;
    try {
      this.applyBackground(background);
      this.background = background;
      if (before.kind === 'image') close(before.image);
    } catch (reason) {
      if (background.kind === 'image') close(background.image);
      throw reason;
    }
  }

  private applyBackground(background: Adjustments['background']): void {
    if (this.draws && this.isLost()) this.abandon();
    if (!this.draws || background.kind !== 'image') {
      this.cpu.setBackground(background);
      return;
    }
    this.picture ??= new UploadedTexture(this.engine, this.context);
    this.engine.glSetBackground(this.picture.upload(...this.shown(background)), background);
  }

  /** The background's picture, opaque and of a size that every GPU takes. */
  private shown({ image, color }: ShownPicture): [TexImageSource, Size] {
    const size = sizeOf(image);
    if (!mayHaveAlpha(image) && Math.max(...size) <= largestSide) return [image, size];
    this.opaque ??= contextOf([1, 1]);
    drawBackground(this.opaque, image, color);
    const { canvas } = this.opaque;
    return [canvas, [canvas.width, canvas.height]];
  }

  private isLost(): boolean {
    return this.wasLost || this.context.isContextLost();
  }

  private create(): void {
    // Without these extensions, render targets have 8 bits a channel at most.
    this.context.getExtension('EXT_color_buffer_float');
    this.context.getExtension('EXT_color_buffer_half_float');
    this.engine.glCreate(this.context);
    this.draws = true;
  }

  /** The context is lost, with all its objects: the CPU composites. */
  private abandon(): void {
    this.wasLost = true;
    this.draws = false;
    this.frame = this.picture = undefined;
    this.engine.glDestroy(true);
    this.applyBackground(this.background);
  }

  /** The context is restored. If the engine can't use it, the CPU composites. */
  private restore(): void {
    this.wasLost = false;
    try {
      this.create();
      this.applyBackground(this.background);
    } catch {
      this.abandon();
      this.wasLost = this.context.isContextLost();
    }
  }
}

/** A texture, to which one picture after the other is uploaded. */
class UploadedTexture {
  private readonly texture: WebGLTexture;
  private readonly name: number;
  private readonly largest: number;

  constructor(
    engine: Engine,
    private readonly context: WebGL2RenderingContext,
  ) {
    this.texture = context.createTexture();
    this.name = engine.glName(this.texture);
    this.largest = context.getParameter(context.MAX_TEXTURE_SIZE) as number;
    context.bindTexture(context.TEXTURE_2D, this.texture);
    for (const filter of [context.TEXTURE_MIN_FILTER, context.TEXTURE_MAG_FILTER]) {
      context.texParameteri(context.TEXTURE_2D, filter, context.LINEAR);
    }
    for (const wrap of [context.TEXTURE_WRAP_S, context.TEXTURE_WRAP_T]) {
      context.texParameteri(context.TEXTURE_2D, wrap, context.CLAMP_TO_EDGE);
    }
  }

  upload(picture: TexImageSource, [width, height]: Size): Texture {
    const { context, name } = this;
    if (Math.max(width, height) > this.largest) {
      const limit = `the GPU takes pictures of up to ${this.largest} pixels a side`;
      throw new BackdropError('unsupported', `${limit}, not ${width}x${height}`);
    }
    context.bindTexture(context.TEXTURE_2D, this.texture);
    const { TEXTURE_2D, RGBA, UNSIGNED_BYTE } = context;
    context.texImage2D(TEXTURE_2D, 0, context.RGBA8, RGBA, UNSIGNED_BYTE, picture);
    return { name, width, height };
  }
}
