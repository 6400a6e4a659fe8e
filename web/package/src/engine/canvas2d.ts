// The pipeline of the original demo: the mask on a 2D canvas, composited by canvas operations.
import { BackdropError } from '../error.js';
import { RunningMean } from '../mean.js';
import type { Engine } from './engine.js';
import { asPicture, close, sizeOf, type Picture } from './picture.js';
import { adjustEngine, engineBudget, type Pipeline } from './pipeline.js';
import type { Adjustments, FrameStatistics } from './protocol.js';

type Context = OffscreenCanvasRenderingContext2D;
type Size = [width: number, height: number];

function contextOf([width, height]: Size, settings?: CanvasRenderingContext2DSettings): Context {
  const context = new OffscreenCanvas(width, height).getContext('2d', settings);
  if (!context) throw new BackdropError('unsupported', 'this browser has no 2D canvas in a Worker');
  return context;
}

/** Draws the image so that it covers the canvas, centred. */
function drawCovering(context: Context, image: CanvasImageSource, [w, h]: Size): void {
  const { width, height } = context.canvas;
  const scale = Math.max(width / w, height / h);
  context.drawImage(image, (width - scale * w) / 2, (height - scale * h) / 2, scale * w, scale * h);
}

/** Images are blurred this much smaller: the difference does not show. */
const shrink = 4;

function resize({ canvas }: Context, width: number, height: number): void {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
}

export class Canvas2dPipeline implements Pipeline {
  private readonly input: Context;
  private readonly mask: Context;
  private readonly smoothMask: Context;
  private readonly blurred: Context;
  private readonly output: Context;
  private readonly networkSize: Size;
  private readonly besides = new RunningMean();
  private background: Adjustments['background'] = { kind: 'blur', strength: 2 };
  private picture: Context | undefined;
  private maskBlur = 0;

  constructor(private readonly engine: Engine) {
    const { width, height } = engine.modelInfo().input;
    this.networkSize = [width, height];
    this.input = contextOf(this.networkSize, { willReadFrequently: true });
    this.mask = contextOf(this.networkSize);
    this.smoothMask = contextOf(this.networkSize);
    this.blurred = contextOf([1, 1]);
    this.output = contextOf([1, 1]);
    if (!('filter' in this.output)) {
      throw new BackdropError('unsupported', 'this browser’s 2D canvas cannot blur');
    }
    // The engine returns the small frame with the mask as its alpha.
    engine.setBackground({ kind: 'transparent' });
  }

  adjust({ background, maskBlur, ...rest }: Partial<Adjustments>): void {
    adjustEngine(this.engine, rest);
    if (maskBlur !== undefined) this.maskBlur = maskBlur;
    if (background) this.setBackground(background);
  }

  reset(): void {
    this.engine.reset();
  }

  async process(
    source: Picture,
    budget: number,
  ): Promise<{ picture: Picture; statistics: FrameStatistics }> {
    const image = source instanceof ImageData ? await createImageBitmap(source) : source;
    try {
      const start = performance.now();
      this.sample(image);
      const sampled = performance.now();
      this.engine.setBudget(engineBudget(budget, this.besides));
      this.segment();
      const segmented = performance.now();
      this.compose(image);
      const composed = performance.now();
      const picture = await asPicture(this.output.canvas, source);
      const end = performance.now();
      const copy = end - composed;
      this.besides.add(end - start - (segmented - sampled));
      const engine = this.engine.statistics();
      const sample = engine.sample + (sampled - start);
      const composite = engine.composite + (composed - segmented);
      const pipeline = 'canvas2d';
      return { picture, statistics: { ...engine, sample, composite, copy, pipeline } };
    } finally {
      if (image !== source) close(image);
    }
  }

  private sample(image: VideoFrame | ImageBitmap): void {
    this.input.drawImage(image, 0, 0, ...this.networkSize);
  }

  private segment(): void {
    const pixels = this.input.getImageData(0, 0, ...this.networkSize);
    const frame = this.engine.frame('RGBA', ...this.networkSize);
    frame.bytes.set(pixels.data);
    this.engine.process(frame);
    pixels.data.set(frame.bytes);
    this.mask.putImageData(pixels, 0, 0);
  }

  private compose(image: VideoFrame | ImageBitmap): void {
    const [width, height] = sizeOf(image);
    const { output, smoothMask } = this;
    const scale = this.networkSize[0] / width;
    smoothMask.globalCompositeOperation = 'copy';
    smoothMask.filter = this.maskBlur > 0 ? `blur(${scale * this.maskBlur}px)` : 'none';
    smoothMask.drawImage(this.mask.canvas, 0, 0);
    resize(output, width, height);
    output.globalCompositeOperation = 'copy';
    output.drawImage(smoothMask.canvas, 0, 0, width, height);
    output.globalCompositeOperation = 'source-in';
    output.drawImage(image, 0, 0, width, height);
    output.globalCompositeOperation = 'destination-over';
    this.drawBackground(image, [width, height]);
  }

  private drawBackground(image: VideoFrame | ImageBitmap, [width, height]: Size): void {
    const { output, background } = this;
    switch (background.kind) {
      case 'blur':
        this.blur(image, 0.01 * background.strength * Math.min(width, height));
        output.drawImage(this.blurred.canvas, 0, 0, width, height);
        break;
      case 'color':
        output.fillStyle = `#${background.rgb.toString(16).padStart(6, '0')}`;
        output.fillRect(0, 0, width, height);
        break;
      case 'image':
        if (this.picture) {
          const { canvas } = this.picture;
          drawCovering(output, canvas, [canvas.width, canvas.height]);
        }
        break;
      case 'none':
        output.drawImage(image, 0, 0, width, height);
        break;
      case 'transparent':
        break;
      default:
        background satisfies never;
    }
  }

  /** @param sigma in pixels of the image */
  private blur(image: VideoFrame | ImageBitmap, sigma: number): void {
    const [width, height] = sizeOf(image).map((side) => Math.ceil(side / shrink)) as Size;
    const { blurred } = this;
    resize(blurred, width, height);
    blurred.filter = `blur(${sigma / shrink}px)`;
    // The blur fades out towards the image's edge, which has to lie outside the canvas.
    const margin = (2 * sigma) / shrink;
    blurred.drawImage(image, -margin, -margin, width + 2 * margin, height + 2 * margin);
  }

  private setBackground(background: Adjustments['background']): void {
    if (background.kind === 'image') {
      const { image } = background;
      const picture = contextOf(sizeOf(image));
      if (image instanceof ImageData) picture.putImageData(image, 0, 0);
      else picture.drawImage(image, 0, 0);
      close(image);
      this.picture = picture;
    }
    this.background = background;
  }
}
