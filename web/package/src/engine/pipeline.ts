// The engine's own pipeline: the frame's bytes in the engine's memory, composited there.
import { RecentMedian } from '../mean.js';
import { limits } from './abi.js';
import type { Engine } from './engine.js';
import { backgroundPixels } from './background-picture.js';
import { read, write } from './engine-picture.js';
import type { Refinement } from './kinds.js';
import { close, type Picture } from './picture.js';
import type { Adjustments, FrameStatistics } from './protocol.js';

/** Turns a picture into a processed one. */
export interface Pipeline {
  adjust(adjustments: Partial<Adjustments>): void;
  /** Forgets earlier frames. */
  reset(): void;
  /** The source stays unchanged and open; the result is of the same kind. */
  process(
    source: Picture,
    budget: number,
  ): Promise<{ picture: Picture; statistics: FrameStatistics }>;
}

/** The settings that the engine has in every pipeline. */
export function adjustEngine(engine: Engine, adjustments: Partial<Adjustments>): void {
  const { coverage, steadying, motionGate, personCrop, learnedRoom } = adjustments;
  const { onlyFront, despeckling } = adjustments;
  if (coverage) engine.setCoverage(coverage.low, coverage.high);
  if (steadying !== undefined) engine.setSteadying(steadying);
  if (motionGate !== undefined) engine.setMotionGate(motionGate);
  if (personCrop !== undefined) engine.setPersonCrop(personCrop);
  if (learnedRoom !== undefined) engine.setLearnedRoom(learnedRoom);
  if (onlyFront !== undefined) engine.setOnlyFront(onlyFront);
  if (despeckling !== undefined) engine.setDespeckling(despeckling);
}

/** @param automatic the kind that `auto` stands for */
export function adjustRefinement(
  engine: Engine,
  refinement: Adjustments['refinement'] | undefined,
  automatic: Refinement['kind'],
): void {
  if (!refinement) return;
  const { sigmaSpaceDefault: sigmaSpace, sigmaColorDefault: sigmaColor } = limits;
  engine.setRefinement(
    refinement === 'auto' ? { kind: automatic, sigmaSpace, sigmaColor } : refinement,
  );
}

/**
 * The engine's part of a frame's budget.
 * @param besides milliseconds that a frame takes outside the engine
 */
export function engineBudget(budget: number, besides: RecentMedian): number {
  return budget === 0 ? 0 : Math.max(1, budget - besides.value);
}

export class EnginePipeline implements Pipeline {
  private readonly besides = new RecentMedian();
  private transparent = false;

  constructor(private readonly engine: Engine) {}

  adjust({ background, ...rest }: Partial<Adjustments>): void {
    adjustEngine(this.engine, rest);
    adjustRefinement(this.engine, rest.refinement, 'guided');
    if (!background) return;
    try {
      this.setBackground(background);
    } finally {
      if (background.kind === 'image') close(background.image);
    }
  }

  /** The caller owns the image. */
  setBackground(background: Adjustments['background']): void {
    this.engine.setBackground(
      background.kind === 'image'
        ? { ...background, image: backgroundPixels(background.image, background.color) }
        : background,
    );
    this.transparent = background.kind === 'transparent';
  }

  reset(): void {
    this.engine.reset();
  }

  async process(
    source: Picture,
    budget: number,
  ): Promise<{ picture: Picture; statistics: FrameStatistics }> {
    const start = performance.now();
    const input = await read(this.engine, source, this.transparent);
    const copied = performance.now();
    this.engine.setBudget(engineBudget(budget, this.besides));
    this.engine.process(input.frame);
    const processed = performance.now();
    const picture = await write(input, source, this.transparent);
    const copy = copied - start + (performance.now() - processed);
    this.besides.add(copy);
    return { picture, statistics: { ...this.engine.statistics(), copy, pipeline: 'engine' } };
  }
}
