// The time that the stream gives the engine for a frame, in Node with stand-ins.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Backdrop } from '../../web/package/dist/index.js';
import { FakeTrack } from './support/world-tracks.mjs';
import { World } from './support/world.mjs';

const cameraMilliseconds = 200;

it('leaves a slow camera its time, though the first frames took long', async () => {
  const world = new World(1);
  world.enter('window-streams');
  try {
    const backdrop = new Backdrop({ model: { tflite: 'https://example.org/good.tflite' } });
    const source = new FakeTrack(world);
    void backdrop.process(source);
    world.frameMilliseconds = () => (world.budgets.length <= 2 ? 1500 : 4);
    for (let next = 0; world.budgets.length < 12 && world.now < 20_000; await world.step()) {
      if (world.now < next) continue;
      source.frame();
      next = world.now + cameraMilliseconds;
    }
    const settled = world.budgets.slice(7);
    assert.equal(settled.length, 5);
    for (const budget of settled) assert.ok(budget > cameraMilliseconds / 2, `${budget}`);
    backdrop.dispose();
  } finally {
    world.leave();
  }
});
