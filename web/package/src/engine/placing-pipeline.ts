// Draws the picture behind the person where its placement says.
import { keptSize } from './background-picture.js';
import { canvasOf, contextOf, type Context, type Size } from './canvas.js';
import type { Background } from './kinds.js';
import { close, isPixels, sizeOf, type Picture } from './picture.js';
import type { Pipeline } from './pipeline.js';
import { usualPlacement, type Placed, type Placement } from './placement.js';
import type { Adjustments, FrameStatistics } from './protocol.js';

/** A picture that a pipeline would place otherwise. */
type Special = { image: Picture } & Placement;

function specialOf(background: Placed<Background<Picture>> | undefined): Special | undefined {
  if (background?.kind !== 'image') return undefined;
  const { fit, position, mirror, color } = { ...usualPlacement, ...background };
  const isUsual =
    fit === usualPlacement.fit &&
    position.every((share, axis) => share === usualPlacement.position[axis]) &&
    mirror === usualPlacement.mirror &&
    color === usualPlacement.color;
  return isUsual ? undefined : { image: background.image, fit, position, mirror, color };
}

/** Until the first frame comes. */
const usualFrame: Size = [640, 360];

/**
 * Any pipeline, with backgrounds that have a placement. A picture of the frame's shape is the same in all
 * pipelines, so the picture is drawn on one of that shape, anew when the frame's size changes.
 */
export class PlacingPipeline implements Pipeline {
  /** The picture in effect, which this owns, unless the pipeline places it. */
  private special: Special | undefined;
  private frame = usualFrame;
  private context: Context | undefined;

  constructor(private readonly pipeline: Pipeline) {}

  adjust({ background, ...rest }: Partial<Adjustments>): void {
    const special = specialOf(background);
    try {
      const shown = special ? this.drawn(special) : background;
      this.pipeline.adjust({ ...rest, ...(shown && { background: shown }) });
    } catch (reason) {
      if (special) close(special.image);
      throw reason;
    }
    if (!background) return;
    if (this.special) close(this.special.image);
    this.special = special;
  }

  reset(): void {
    this.pipeline.reset();
  }

  async process(
    source: Picture,
    budget: number,
  ): Promise<{ picture: Picture; statistics: FrameStatistics }> {
    const [width, height] = sizeOf(source);
    if (this.frame[0] !== width || this.frame[1] !== height) {
      this.frame = [width, height];
      if (this.special) this.pipeline.adjust({ background: this.drawn(this.special) });
    }
    return this.pipeline.process(source, budget);
  }

  private drawn({ image, fit, position, mirror, color }: Special): {
    kind: 'image';
    image: Picture;
  } {
    const [width, height] = keptSize(this.frame);
    const context = (this.context ??= contextOf([1, 1]));
    // Setting the size resets the context.
    Object.assign(context.canvas, { width, height });
    if (mirror) context.setTransform(-1, 0, 0, 1, width, 0);
    context.fillStyle = color;
    context.fillRect(0, 0, width, height);
    context.imageSmoothingQuality = 'high';
    const own = sizeOf(image);
    const scales = [width / own[0], height / own[1]];
    const scale = fit === 'cover' ? Math.max(...scales) : Math.min(...scales);
    const [w, h] = [scale * own[0], scale * own[1]];
    const [x, y] = [(width - w) * position[0], (height - h) * position[1]];
    context.drawImage(isPixels(image) ? canvasOf(image) : image, x, y, w, h);
    return { kind: 'image', image: context.canvas.transferToImageBitmap() };
  }
}
