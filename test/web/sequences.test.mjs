// Random sequences of what an application does and of what goes wrong, in Node: no raw frame leaves that
// was not asked for, and the stream recovers. BACKDROP_SEED repeats one run, BACKDROP_STEPS sets the number
// of steps.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Backdrop } from '../../web/package/dist/index.js';
import { Processor } from '../../web/package/dist/stream/processor.js';
import { RoomModel } from './support/room-model.mjs';
import { FakeTrack } from './support/world-tracks.mjs';
import { World } from './support/world.mjs';

const allSteps = Number(process.env.BACKDROP_STEPS ?? 100_000);
const stepsOfRun = 500;
const transports = ['window-streams', 'worker-streams', 'canvas'];
const model = { tflite: 'https://example.org/good.tflite' };
const missing = { tflite: 'https://example.org/missing.tflite' };
const none = { kind: 'none' };
const blur = { kind: 'blur', strength: 2 };
const red = { kind: 'color', rgb: 0xff0000 };
const blue = { kind: 'color', rgb: 0x0000ff };
const image = () => ({ kind: 'image', image: {} });
const stalledImage = { kind: 'image', image: 'https://example.org/stalled.png' };
const damaged = () => ({ kind: 'image', image: { isDamaged: true } });

/** Virtual milliseconds in which a stream without faults recovers: longer than the longest back-off. */
const recoveryMilliseconds = 60_000;
/** Virtual milliseconds in which a stream shows what has become of a source, with its messages on the way. */
const stillMilliseconds = 10_000;
/** Virtual milliseconds by which no raw frame stands any more, with messages on the way and in a hidden page. */
const standingMilliseconds = 3000;

class Run {
  pending = new Set();
  tracks = [];
  story = [];
  output;
  lastShown;
  lastTime = new Map();

  constructor(seed) {
    this.world = new World(seed);
    this.world.left = (...given) => {
      // The package takes what is thrown here for a fault of the sink.
      try {
        this.look(...given);
      } catch (reason) {
        this.problem ??= reason;
      }
    };
  }

  say(...words) {
    this.story.push(`${this.world.now.toFixed(0)}: ${words.join(' ')}`);
  }

  create() {
    const { world } = this;
    const background = world.pick([none, blur, red]);
    this.backdrop = new Backdrop({ model: world.pick([model, model, missing]), background });
    this.room = new RoomModel(world, background);
    this.output = undefined;
    this.backdrop.on('track', (track) => (this.output = track));
    for (const type of ['ready', 'degraded', 'stats', 'error']) {
      this.backdrop.on(type, (detail) => {
        if (type !== 'stats') this.say('event', type, detail.reason ?? detail.message ?? '');
        if (world.chance(world.faults.listener)) throw new Error('a listener throws');
      });
    }
    this.say('create', background.kind);
  }

  newSource() {
    const track = new FakeTrack(this.world);
    this.tracks.push(track);
    return track;
  }

  /** What leaves: never raw unless asked for, of times that rise, and of a frame's size. */
  look(track, frame, worker) {
    if (frame.isClosed) assert.fail('a closed frame leaves');
    const isRaw = frame.shows === 'raw';
    if (isRaw && !this.room.mayLeave(worker)) assert.fail('a raw frame leaves');
    if (frame.timestamp !== undefined) {
      const before = this.lastTime.get(track) ?? -Infinity;
      assert.ok(frame.timestamp > before, `time ${frame.timestamp} after ${before}`);
      this.lastTime.set(track, frame.timestamp);
    }
    assert.ok(frame.displayWidth > 1, 'the size of a placeholder');
    this.lastShown = { track, shows: frame.shows, width: frame.displayWidth };
  }

  /** Follows a promise of the application's. */
  follow(promise) {
    this.pending.add(promise);
    const over = () => this.pending.delete(promise);
    promise.then(over, (reason) => {
      over();
      if (reason?.name !== 'BackdropError') this.problem ??= reason;
    });
    return promise;
  }

  set(changes) {
    this.say('set', JSON.stringify(changes));
    const answer = this.follow(this.backdrop.set(changes));
    if (changes.background) this.room.ask(changes.background, answer);
    return answer;
  }

  process(track) {
    this.say('process', track.readyState);
    const answer = this.follow(this.backdrop.process(track));
    answer.then(
      (output) => (this.output = output),
      () => undefined,
    );
    return answer;
  }

  letGo() {
    this.say('process null');
    return this.follow(this.backdrop.process(null));
  }

  act() {
    const { world } = this;
    const live = this.tracks.filter(({ readyState }) => readyState === 'live');
    const streams = world.workers.filter(({ isOver }) => !isOver);
    const actions = {
      none: () => this.set({ background: none }),
      blur: () => this.set({ background: blur }),
      transparent: () => this.set({ background: { kind: 'transparent' } }),
      red: () => this.set({ background: red }),
      image: () => this.set({ background: image() }),
      'damaged image': () => this.set({ background: damaged() }),
      'image that never comes': () => this.set({ background: stalledImage }),
      'none and a missing model': () => this.set({ background: none, model: missing }),
      'blue and a missing model': () => this.set({ background: blue, model: missing }),
      'missing model': () => this.set({ model: missing }),
      'good model': () => this.set({ model }),
      pipeline: () => this.set({ pipeline: world.pick(['engine', 'canvas2d', 'webgl2']) }),
      steadying: () => this.set({ steadying: world.random() }),
      'frame rate': () => this.set({ targetFps: 1 + Math.floor(world.random() * 60) }),
      process: () => this.process(this.newSource()),
      'process again': () => live[0] && this.process(world.pick(live)),
      'process nothing': () => this.letGo(),
      'process what has ended': () => {
        const track = this.newSource();
        track.stop();
        this.process(track);
      },
      'end of the source': () => live[0] && world.pick(live).stop(),
      'end of the output': () => this.output?.stop(),
      'other size': () =>
        live[0] &&
        world.pick(live).resize(
          ...world.pick([
            [160, 90],
            [1, 1],
            [320, 180],
          ]),
        ),
      disable: () => live[0] && (world.pick(live).enabled = world.chance(0.5)),
      mute: () => live[0] && (world.pick(live).muted = world.chance(0.5)),
      'disable the output': () => this.output && (this.output.enabled = world.chance(0.5)),
      'time without sense': () => live[0] && world.pick(live).frame(world.pick([0, -(2 ** 63)])),
      stop: () => this.backdrop.stop(),
      'dispose and create': () => {
        this.backdrop.dispose();
        this.create();
      },
      crash: () => streams[0] && world.pick(streams).crash(),
      faults: () => this.chooseFaults(),
      hide: () => world.page.hide(world.chance(0.5)),
      silence: () => (this.isSilent = world.chance(0.5)),
    };
    const name = world.pick(Object.keys(actions));
    this.say(name);
    actions[name]();
  }

  chooseFaults() {
    const names = [
      'crash',
      'hang',
      'badFrame',
      'badAdjustment',
      'hungAdjustment',
      'stalledModel',
      'missingWorker',
      'badTransfer',
      'lostFrame',
    ];
    const name = this.world.pick(names);
    this.world.faults = { [name]: 0.3, listener: 0.2 };
    return name;
  }

  async step() {
    const { world } = this;
    const choice = world.random();
    if (choice < 0.05) await this.actAtOnce();
    else if (choice < 0.25 && !this.isSilent) for (const track of this.tracks) track.frame();
    await world.settle();
    this.room.posted();
    await world.step();
    if (this.problem) throw this.problem;
    if (world.unhandled.length > 0) throw world.unhandled[0];
    const { track, shows } = this.lastShown ?? {};
    const stands = shows === 'raw' && track.readyState === 'live';
    assert.ok(!stands || !this.room.isClosedFor(standingMilliseconds), 'a raw frame stands');
  }

  /** Acts, at times more than once before anything else happens than what waits for nothing. */
  async actAtOnce() {
    const { world } = this;
    this.act();
    while (world.chance(0.3)) {
      for (let ticks = Math.floor(8 * world.random()); ticks > 0; --ticks) await undefined;
      this.act();
    }
  }

  async until(condition, what) {
    const end = this.world.now + recoveryMilliseconds;
    let nextFrame = this.world.now;
    while (!condition()) {
      if (this.world.now > end) {
        assert.fail(`${what} does not come: ${JSON.stringify(this.lastShown?.shows)} is shown`);
      }
      if (this.world.now >= nextFrame) {
        for (const track of this.tracks) track.frame();
        nextFrame = this.world.now + 100;
      }
      await this.world.step();
      this.room.posted();
      if (this.problem) throw this.problem;
    }
  }

  /** Without faults, the stream does what it is asked to. */
  async recover() {
    const { world } = this;
    world.faults = {};
    if (this.output) this.output.enabled = true;
    for (const track of this.tracks) track.muted = false;
    const source = this.newSource();
    await this.until(() => this.pending.size === 0, 'the answer of each call');
    const output = await this.settled(this.process(source));
    output.enabled = true;
    await this.settled(this.set({ model, background: blue, targetFps: 30 }));
    await this.until(
      () => this.lastShown?.track === this.output && this.lastShown.shows.rgb === blue.rgb,
      'a processed frame',
    );
    await this.outliveLostFrame();
    await this.settled(this.process(source));
    await this.goOnWhileHidden();
    await this.closeRoom(source);
    await this.standStill(source, ({ rgb }) => rgb === blue.rgb);
    await this.settled(this.set({ background: none }));
    await this.standStill(source, (shows) => shows === 'raw');
  }

  /** A camera that gives no frame while one is held, because another one was lost, goes on. */
  async outliveLostFrame() {
    this.world.faults = { lostFrame: 1 };
    const source = this.newSource();
    await this.settled(this.process(source));
    this.world.faults = {};
    source.resize(160, 90);
    await this.until(
      () => this.lastShown.width === 160 && this.lastShown.shows.rgb === blue.rgb,
      'a frame of a camera that has lost one',
    );
  }

  async goOnWhileHidden() {
    await this.until(() => this.lastShown.shows.rgb === blue.rgb, 'a processed frame');
    this.world.page.hide(true);
    this.lastShown = { shows: 'nothing' };
    await this.until(() => this.lastShown.shows.rgb === blue.rgb, 'a frame in a hidden page');
    this.world.page.hide(false);
  }

  /** The room is gone soon after another background is asked for, whatever becomes of that. */
  async closeRoom(source) {
    const { world } = this;
    await this.settled(this.set({ background: none }));
    await this.until(() => this.lastShown.shows === 'raw', 'the room');
    const fault = this.chooseFaults();
    const background = world.pick([blur, { kind: 'transparent' }, stalledImage]);
    this.say('closes the room with', background.kind, fault);
    this.set({ background });
    if (world.chance(0.5)) source.frame();
    await this.stand(standingMilliseconds);
    assert.notEqual(this.lastShown.shows, 'raw', 'the room stands');
    world.faults = {};
    await this.settled(this.set({ model, background: blue }));
  }

  /** A source that is disabled, or makes way for a silent one or for none, leaves no picture behind. */
  async standStill(source, isFrame) {
    const comes = () => this.until(() => isFrame(this.lastShown.shows), 'a frame');
    await comes();
    source.frame();
    await this.world.step();
    source.enabled = false;
    await this.standBlank('a blank picture of a disabled source');
    source.enabled = true;
    await comes();
    source.frame();
    await this.world.step();
    this.process(this.newSource());
    await this.standBlank('a blank picture of a silent source');
    await this.settled(this.process(source));
    await comes();
    source.frame();
    await this.world.step();
    this.letGo();
    await this.standBlank('a blank picture without a source');
    await this.settled(this.process(source));
    await comes();
  }

  /** No source gives a frame for so long. */
  async stand(milliseconds) {
    const end = this.world.now + milliseconds;
    while (this.world.now < end) {
      await this.world.step();
      this.room.posted();
      if (this.problem) throw this.problem;
    }
  }

  /** Blank is what is shown when no source has given a frame for a while. */
  async standBlank(what) {
    await this.stand(stillMilliseconds);
    const { shows } = this.lastShown;
    assert.equal(shows, 'blank', `${what} stays out: ${JSON.stringify(shows)} is shown`);
  }

  async settled(promise) {
    let isOver = false;
    const over = () => (isOver = true);
    promise.then(over, over);
    await this.until(() => isOver, 'an answer');
    return promise;
  }

  /** Nothing is left of a disposed Backdrop, whose sources go on. */
  async dispose() {
    const { world } = this;
    this.backdrop.dispose();
    const end = world.now + recoveryMilliseconds;
    while (world.now < end && world.timers.length > 0) await world.step();
    assert.deepEqual(
      world.timers.map(({ action }) => String(action)),
      [],
    );
    assert.deepEqual(
      world.workers.filter(({ isOver }) => !isOver).map(({ name }) => name),
      [],
    );
    const open = world.openPictures.map(({ constructor, owner, shows }) => [
      constructor.name,
      owner?.name,
      shows,
    ]);
    assert.deepEqual(open, []);
    const read = world.page.videos.filter(({ srcObject }) => srcObject);
    assert.deepEqual(read, [], 'videos');
    const copied = this.tracks.filter(({ copies }) => copies.length > 0);
    assert.deepEqual(copied, [], 'copies of tracks, which keep the camera on');
    assert.equal(this.pending.size, 0, 'promises');
  }
}

async function runOf(seed, steps) {
  const run = new Run(seed);
  run.world.enter(transports[seed % transports.length]);
  try {
    run.create();
    run.process(run.newSource());
    for (let step = 0; step < steps; ++step) await run.step();
    await run.recover();
    await run.dispose();
  } catch (reason) {
    const story = run.story.slice(-35).join('\n');
    throw new Error(`seed ${seed}: ${reason.message}; the latest of the story:\n${story}`, {
      cause: reason,
    });
  } finally {
    run.world.leave();
  }
}

it('shows no room that was not asked for, and recovers, in any order of events', async (test) => {
  const only = process.env.BACKDROP_SEED;
  if (only !== undefined) return runOf(Number(only), stepsOfRun);
  const runs = Math.ceil(allSteps / stepsOfRun);
  for (let seed = 1; seed <= runs; ++seed) await runOf(seed, stepsOfRun);
  test.diagnostic(`${runs} runs of ${stepsOfRun} steps`);
});

for (const [first, transport] of transports.entries()) {
  it(`finds a raw frame that leaves too late: ${transport}`, async () => {
    const { configure } = Processor.prototype;
    Processor.prototype.configure = async function (settings) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return configure.call(this, settings);
    };
    const search = async () => {
      for (let run = 1; run <= 30; ++run) await runOf(transports.length * run + first, stepsOfRun);
    };
    try {
      await assert.rejects(search(), /a raw frame leaves/);
    } finally {
      Object.assign(Processor.prototype, { configure });
    }
  });
}

/** What is begun with a stream at work, whose answers are left open. */
const beginnings = {
  'another source': (run) => {
    run.process(run.newSource());
  },
  'a source after the output was stopped': (run) => {
    run.output.stop();
    run.process(run.newSource());
  },
  'another model, and a change meanwhile': async (run) => {
    await run.settled(run.letGo());
    run.set({ model });
    run.set({ steadying: 0.5 });
  },
};

/** @param go what happens between the beginning and the end */
async function leaveNothing(transport, begin, go) {
  const run = new Run(1);
  run.world.enter(transport);
  try {
    run.create();
    await run.settled(run.process(run.newSource()));
    await run.settled(run.set({ model, background: blue }));
    await begin(run);
    await go(run.world);
    await run.dispose();
  } finally {
    run.world.leave();
  }
}

for (const transport of transports) {
  for (const [what, begin] of Object.entries(beginnings)) {
    it(`leaves nothing when it is disposed of at any moment of ${what}: ${transport}`, async () => {
      for (let ticks = 0; ticks < 20; ++ticks) {
        await leaveNothing(transport, begin, async () => {
          for (let tick = 0; tick < ticks; ++tick) await undefined;
        });
      }
      for (let steps = 1; steps < 50; ++steps) {
        await leaveNothing(transport, begin, async (world) => {
          for (let step = 0; step < steps; ++step) await world.step();
        });
      }
    });
  }
}
