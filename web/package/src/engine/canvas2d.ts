// The pipeline of the original demo: the mask on a 2D canvas, composited by canvas operations.
import { BackdropError } from '../error.js';
import { RecentMedian } from '../mean.js';
import { drawBackground, drawPlaced } from './background-picture.js';
import { checkReading, contextOf, resize, type Context, type Size } from './canvas.js';
import { CanvasMask } from './canvas-mask.js';
import { drawable } from './drawable.js';
import type { Engine } from './engine.js';
import { asPicture, close, sizeOf, type Picture } from './picture.js';
import { adjustEngine, engineBudget, type Pipeline } from './pipeline.js';
import { usualPlacement } from './placement.js';
import type { Adjustments, FrameStatistics } from './protocol.js';

/** The image's own alpha counts when it is composited: until then its colours do, straight. */
function makeOpaque({ data }: ImageData): void {
  for (let i = 3; i < data.length; i += 4) data[i] = 255;
}

/** Images are blurred this much smaller: the difference does not show. */
const shrink = 4;

export class Canvas2dPipeline implements Pipeline {
  private readonly input: Context;
  private readonly mask: CanvasMask;
  private readonly blurred: Context;
  private readonly output: Context;
  private readonly person: Context;
  private readonly networkSize: Size;
  private readonly besides = new RecentMedian();
  private background: Adjustments['background'] = { kind: 'blur', strength: 2 };
  private picture: Context | undefined;
  private maskBlur = 0;

  constructor(private readonly engine: Engine) {
    const { width, height } = engine.modelInfo().input;
    this.networkSize = [width, height];
    this.input = contextOf(this.networkSize, { willReadFrequently: true });
    this.mask = new CanvasMask(this.networkSize);
    this.blurred = contextOf([1, 1]);
    this.output = contextOf([1, 1]);
    this.person = contextOf([1, 1]);
    if (!('filter' in this.output)) {
      throw new BackdropError('unsupported', 'this browser’s 2D canvas cannot blur');
    }
    checkReading();
    this.setBackground(this.background);
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
    const image = await drawable(source);
    try {
      const start = performance.now();
      this.sample(image);
      const sampled = performance.now();
      this.engine.setBudget(engineBudget(budget, this.besides));
      const cutOut = this.segment();
      const segmented = performance.now();
      this.compose(image, cutOut);
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
    this.input.globalCompositeOperation = 'copy';
    this.input.drawImage(image, 0, 0, ...this.networkSize);
  }

  /** The small frame with the mask as its alpha, and the person's colours if they are to show. */
  private segment(): ImageData {
    const { engine, networkSize } = this;
    const pixels = this.input.getImageData(0, 0, ...networkSize);
    makeOpaque(pixels);
    const frame = engine.frame('RGBA', ...networkSize);
    frame.bytes.set(pixels.data);
    engine.process(frame);
    if (this.background.kind === 'transparent') {
      pixels.data.set(frame.bytes);
    } else {
      const alpha = engine.matte(...networkSize);
      for (let i = 0; i < alpha.length; ++i) pixels.data[4 * i + 3] = alpha[i] ?? 0;
    }
    return pixels;
  }

  private compose(image: VideoFrame | ImageBitmap, cutOut: ImageData): void {
    const size = sizeOf(image);
    const { output, background } = this;
    const mask = this.mask.smooth(cutOut, (this.networkSize[0] / size[0]) * this.maskBlur);
    resize(output, size);
    output.globalCompositeOperation = 'copy';
    output.drawImage(mask, 0, 0, ...size);
    if (background.kind === 'transparent') {
      this.cutOut(image, size);
      return;
    }
    output.globalCompositeOperation = 'source-in';
    output.drawImage(image, 0, 0, ...size);
    output.globalCompositeOperation = 'destination-over';
    this.drawBehind(image, background, size);
  }

  /**
   * The output has the mask, whose colours are the person's: the image's own pixels replace them but
   * along the edge, where the image shows the room, too.
   */
  private cutOut(image: VideoFrame | ImageBitmap, size: Size): void {
    const { output, person } = this;
    resize(person, size);
    person.globalCompositeOperation = 'copy';
    person.drawImage(this.mask.inner(), 0, 0, ...size);
    person.globalCompositeOperation = 'source-in';
    person.drawImage(image, 0, 0, ...size);
    output.globalCompositeOperation = 'source-atop';
    output.drawImage(person.canvas, 0, 0);
    output.globalCompositeOperation = 'destination-in';
    output.drawImage(image, 0, 0, ...size);
  }

  private drawBehind(
    image: VideoFrame | ImageBitmap,
    background: Exclude<Adjustments['background'], { kind: 'transparent' }>,
    [width, height]: Size,
  ): void {
    const { output } = this;
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
          drawPlaced(output, this.picture.canvas, { ...usualPlacement, ...background });
        }
        break;
      case 'none':
        output.globalCompositeOperation = 'copy';
        output.drawImage(image, 0, 0, width, height);
        break;
      default:
        background satisfies never;
    }
  }

  /** @param sigma in pixels of the image */
  private blur(image: VideoFrame | ImageBitmap, sigma: number): void {
    const [width, height] = sizeOf(image).map((side) => Math.ceil(side / shrink)) as Size;
    const { blurred } = this;
    resize(blurred, [width, height]);
    blurred.fillStyle = '#000';
    blurred.fillRect(0, 0, width, height);
    blurred.filter = `blur(${sigma / shrink}px)`;
    // The blur fades out towards the image's edge, which has to lie outside the canvas.
    const margin = (2 * sigma) / shrink;
    blurred.drawImage(image, -margin, -margin, width + 2 * margin, height + 2 * margin);
  }

  private setBackground(background: Adjustments['background']): void {
    if (background.kind === 'image') {
      try {
        this.picture ??= contextOf([1, 1]);
        drawBackground(this.picture, background.image, background.color);
      } finally {
        close(background.image);
      }
    }
    this.engine.setBackground(
      background.kind === 'transparent' ? background : { kind: 'color', rgb: 0 },
    );
    this.background = background;
  }
}
