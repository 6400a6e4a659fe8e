// A stand-in for the engine's Worker, with its faults.
import { BackdropError } from '../../../web/package/dist/error.js';
import { FakeFrame, FakeImage } from './world-pictures.mjs';

const stages = { copy: 0, sample: 0, infer: 1, matte: 0, composite: 0 };
const never = new Promise(() => {});

const timingOf = ({ timestamp, duration }) => ({ timestamp, duration });

/**
 * What the engine's Worker does at each call. The world's faults, as probabilities: `badAdjustment`,
 * `hungAdjustment`, `crash` and `hang` of a frame, `badFrame`, and `stalledModel`.
 */
export function engineHandlers(world) {
  let background;
  let pipeline;

  function adjust(changes) {
    if (!changes.background) return;
    if (background?.kind === 'image') background.image.close();
    background = changes.background;
  }

  return {
    async init(setup) {
      await world.pause(world.random() * 300);
      const isStalled = world.chance(world.faults.stalledModel);
      if (isStalled) await world.pause(10_000);
      if (isStalled || setup.model.tflite.includes('missing')) {
        if (setup.background?.kind === 'image') setup.background.image.close();
        throw new BackdropError('fetch', 'the model could not be loaded');
      }
      pipeline = setup.pipeline;
      adjust(setup);
      return { value: { variant: 'simd', threads: 1, model: {} } };
    },
    async adjust(changes) {
      if (world.chance(world.faults.hungAdjustment)) await never;
      if (world.chance(world.faults.badAdjustment)) {
        if (changes.background?.kind === 'image') changes.background.image.close();
        throw new BackdropError('argument', 'the adjustment was refused');
      }
      adjust(changes);
      return { value: undefined };
    },
    async reset() {
      return { value: undefined };
    },
    async frame({ picture, budget }) {
      world.budgets.push(budget);
      await world.pause(world.frameMilliseconds?.() ?? 1 + world.random() * 40);
      if (world.chance(world.faults.hang)) await never;
      try {
        if (world.chance(world.faults.crash)) throw new BackdropError('crash', 'it trapped');
        if (world.chance(world.faults.badFrame))
          throw new BackdropError('argument', 'no such frame');
        const shows = background ?? { kind: 'nothing' };
        const processed =
          picture instanceof FakeImage
            ? new FakeImage(world, { ...picture, shows })
            : new FakeFrame(world, picture, { ...timingOf(picture), shows });
        const statistics = { ...stages, interval: 1, pipeline };
        return { value: { picture: processed, statistics }, transfer: [processed] };
      } finally {
        picture.close();
      }
    },
  };
}
