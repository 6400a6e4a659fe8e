// Sources that are slow or stand, in Node with stand-ins and a time of its own.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Backdrop } from '../../web/package/dist/index.js';
import { FakeTrack } from './support/world-tracks.mjs';
import { World } from './support/world.mjs';

const streams = ['window-streams', 'worker-streams'];

/** A Backdrop that processes a camera of so many milliseconds a frame, until `isOver` answers true. */
async function watch(transport, milliseconds, isOver, prepare = () => undefined) {
  const world = new World(1);
  world.enter(transport);
  try {
    prepare(world);
    const backdrop = new Backdrop({ model: { tflite: 'https://example.org/good.tflite' } });
    const source = new FakeTrack(world);
    backdrop.process(source).catch(() => undefined);
    for (let next = 0; !isOver(world, source) && world.now < 30_000; await world.step()) {
      if (world.now < next) continue;
      source.frame();
      next = world.now + milliseconds;
    }
    const { readers, budgets, now } = world;
    backdrop.dispose();
    while (world.timers.length > 0) await world.step();
    return { readers, budgets, now };
  } finally {
    world.leave();
  }
}

for (const transport of streams) {
  describe(`a slow source: ${transport}`, () => {
    it('has its time, though the first frames took long', async () => {
      const milliseconds = 200;
      const { budgets } = await watch(
        transport,
        milliseconds,
        (world) => world.budgets.length === 12,
        (world) => {
          world.frameMilliseconds = () => (world.budgets.length <= 2 ? 1500 : 4);
        },
      );
      assert.equal(budgets.length, 12);
      for (const budget of budgets.slice(7)) assert.ok(budget > milliseconds / 2, `${budget}`);
    });

    for (const rate of [15, 5, 2]) {
      it(`is read by one stream: ${rate} frames a second`, async () => {
        const { readers, now } = await watch(transport, 1000 / rate, () => false);
        assert.ok(now >= 30_000);
        assert.equal(readers, 1);
      });
    }

    it('is given anew a second after its latest frame', async () => {
      const milliseconds = 33;
      // Looks are a second apart while frames come, so the frames end between two of them.
      const losesFrame = (world, source) => {
        if (world.now > 1500) source.loseFrame();
        return world.readers > 1;
      };
      const { readers, now } = await watch(transport, milliseconds, losesFrame);
      assert.equal(readers, 2);
      assert.ok(now > 2500 && now < 2500 + 10 * milliseconds, `${now}`);
    });
  });
}
