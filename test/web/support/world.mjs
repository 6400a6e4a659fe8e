// A browser in Node for the package's own code: Workers, tracks, frames and time are stand-ins, and a
// seeded scheduler chooses what happens next. The stream's Worker runs the package's code, too; the
// engine's Worker is a stand-in.
import { AsyncLocalStorage } from 'node:async_hooks';
import { serve } from '../../../web/package/dist/rpc.js';
import { streamHandlers } from '../../../web/package/dist/stream/handlers.js';
import { engineHandlers } from './world-engine.mjs';
import { FakeCanvas, FakePage } from './world-elements.mjs';
import { FakeFrame, FakeImage, FakeImageData, cloned } from './world-pictures.mjs';
import { tracksOf } from './world-tracks.mjs';

const immediate = setImmediate;

/** Random numbers from a seed (mulberry32). */
export function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class World {
  /** Milliseconds. */
  now = 0;
  workers = [];
  /** Faults that occur with these probabilities; see world-engine.mjs. */
  faults = {};
  /** Called with each picture that leaves: its output track, the picture, and the Worker that wrote it. */
  left = () => {};
  unhandled = [];
  /** Milliseconds that each frame was given, and what it takes instead of chance. */
  budgets = [];
  frameMilliseconds;
  /** The number of streams by which tracks were read. */
  readers = 0;

  #timers = new Map();
  #lastTimer = 0;
  #context = new AsyncLocalStorage();
  #open = new Set();
  #replaced = new Map();

  constructor(seed) {
    this.random = randomFrom(seed);
    this.tracks = tracksOf(this);
    this.page = new FakePage(this);
  }

  pick(list) {
    return list[Math.floor(this.random() * list.length)];
  }

  chance(probability = 0) {
    return this.random() < probability;
  }

  /** The Worker whose code runs; undefined on the page. */
  get worker() {
    return this.#context.getStore();
  }

  /** Puts the stand-ins in place of the browser's globals: of a browser that has this transport. */
  enter(transport) {
    const world = this;
    const { MediaStreamTrackGenerator, ...tracks } = this.tracks;
    const isCanvas = transport === 'canvas';
    const transfersTracks = !isCanvas || this.page.transfersTracks;
    const worldOf = (Class) =>
      class extends Class {
        constructor(...given) {
          super(world, ...given);
        }
      };
    const globals = {
      setTimeout: (action, milliseconds) => this.#addTimer(action, milliseconds),
      setInterval: (action, milliseconds) => this.#addTimer(action, milliseconds, true),
      clearTimeout: (id) => this.#timers.delete(id),
      clearInterval: (id) => this.#timers.delete(id),
      performance: { now: () => this.now },
      reportError: () => {},
      Worker: worldOf(FakeWorker),
      structuredClone: (value) => cloned(this, value, [], this.worker),
      ImageBitmap: FakeImage,
      ImageData: FakeImageData,
      OffscreenCanvas: class {
        constructor(width, height) {
          Object.assign(this, { width, height });
        }
        getContext = () => ({ drawImage() {}, getImageData() {}, fillRect() {} });
        transferToImageBitmap = () => new FakeImage(world, this);
      },
      createImageBitmap: (source) => this.decode(source),
      fetch: (_, { signal }) => silentUntil(signal),
      ...this.page.globals(),
      HTMLCanvasElement: isCanvas ? FakeCanvas : class {},
      ErrorEvent: FakeErrorEvent,
      MessageChannel: class {
        port1 = {
          postMessage() {
            if (!transfersTracks) throw new DOMException('a track', 'DataCloneError');
          },
          close() {},
        };
        port2 = { close() {} };
      },
      ...((!isCanvas || this.page.takesFrames) && { VideoFrame: worldOf(FakeFrame) }),
      ...(!isCanvas && tracks),
      ...(transport === 'window-streams' && { MediaStreamTrackGenerator }),
    };
    for (const [name, value] of Object.entries(globals)) {
      this.#replaced.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
    this.onUnhandled = (reason) => this.unhandled.push(reason);
    process.on('unhandledRejection', this.onUnhandled);
  }

  leave() {
    // Else every promise of later worlds would be told to this one's, too.
    this.#context.disable();
    process.off('unhandledRejection', this.onUnhandled);
    for (const [name, descriptor] of this.#replaced) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else delete globalThis[name];
    }
  }

  /** What a picture or a video shows now, after a while. */
  async decode(source) {
    const { displayWidth: width, displayHeight: height, shows } = source.frame ?? {};
    await this.pause(this.random() * (source.frame ? 20 : 200));
    if (source.isDamaged) throw new Error('damaged');
    return new FakeImage(this, { width, height, shows });
  }

  pause(milliseconds) {
    return new Promise((resolve) => this.#addTimer(resolve, milliseconds));
  }

  /** Pictures that were not closed, of the page and of live Workers. */
  get openPictures() {
    return [...this.#open];
  }

  opened(picture) {
    picture.owner = this.worker;
    if (!picture.owner?.isOver) this.#open.add(picture);
  }

  closed(picture) {
    this.#open.delete(picture);
  }

  /** A Worker's end frees its pictures, timers and Workers. */
  terminated(worker) {
    for (const picture of this.#open) if (picture.owner === worker) this.#open.delete(picture);
    for (const [id, { owner }] of this.#timers) if (owner === worker) this.#timers.delete(id);
    for (const other of this.workers) if (other.parent === worker) other.terminate();
  }

  /** Timers of the page and of live Workers. */
  get timers() {
    return [...this.#timers.values()];
  }

  run(worker, action) {
    return worker?.isOver ? undefined : this.#context.run(worker, action);
  }

  /** Delivers one message of one Worker, or lets time pass until the next timer. */
  async step() {
    const waiting = this.workers.flatMap(({ toWorker, toPage }) =>
      [toWorker, toPage].filter(({ length }) => length > 0),
    );
    if (waiting.length > 0 && this.chance(0.8)) this.pick(waiting).shift()();
    else this.#fireNext();
    await this.settle();
  }

  /** Runs all that is waiting for nothing. */
  async settle() {
    await new Promise((resolve) => immediate(resolve));
  }

  #addTimer(action, milliseconds = 0, repeats = false) {
    const id = ++this.#lastTimer;
    const owner = this.worker;
    if (owner?.isOver) return id;
    const at = this.now + milliseconds;
    this.#timers.set(id, { id, at, action, owner, every: repeats ? milliseconds : undefined });
    return id;
  }

  #fireNext() {
    let next;
    const timeOf = ({ owner, at }) => (owner ? at : this.page.timeOf(at));
    for (const timer of this.#timers.values())
      if (!next || timeOf(timer) < timeOf(next)) next = timer;
    if (!next) return;
    this.now = Math.max(this.now, timeOf(next));
    if (next.every === undefined) this.#timers.delete(next.id);
    else next.at = this.now + next.every;
    this.run(next.owner, next.action);
  }
}

/** A server that answers nothing. */
function silentUntil(signal) {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

class FakeErrorEvent {
  constructor(_, { message }) {
    this.message = message;
  }

  preventDefault() {}

  stopImmediatePropagation() {
    this.isStopped = true;
  }
}

class FakeWorker {
  toWorker = [];
  toPage = [];
  /** Messages that were posted to the Worker, and that it has taken. */
  posted = 0;
  taken = 0;
  isOver = false;
  #world;
  #listeners = { message: [], error: [] };
  #workerListeners = [];

  constructor(world, address, { name } = {}) {
    this.#world = world;
    this.name = name;
    this.parent = world.worker;
    // What was on its way in a Worker that has ended goes on here.
    this.isOver = this.parent?.isOver ?? false;
    if (this.isOver) return;
    world.workers.push(this);
    if (world.chance(world.faults.missingWorker)) {
      this.toPage.push(() => this.crash(''));
      return;
    }
    world.run(this, () => this.#begin());
  }

  #begin() {
    const world = this.#world;
    const port = {
      postMessage: (message, { transfer = [] } = {}) => {
        if (this.isOver) return;
        const data = cloned(world, message, transfer, this);
        this.toPage.push(() => {
          if (this.isOver) return;
          for (const picture of transfer) picture.owner = this.parent;
          world.run(this.parent, () => this.#emit('message', { data }));
        });
      },
      addEventListener: (_, listener) => this.#workerListeners.push(listener),
    };
    if (this.name === 'backdrop-clock') {
      const tick = () => port.postMessage(undefined);
      port.addEventListener('message', ({ data }) => setInterval(tick, data));
      return;
    }
    if (this.name === 'backdrop-engine') {
      serve(engineHandlers(world), { inTurn: true, port });
      return;
    }
    const newEngine = () => new globalThis.Worker('engine/worker.js', { name: 'backdrop-engine' });
    serve(
      streamHandlers(newEngine, (event) => port.postMessage({ event })),
      { port },
    );
  }

  addEventListener(type, listener) {
    this.#listeners[type].push(listener);
  }

  dispatchEvent(event) {
    this.#emit('error', event);
  }

  postMessage(message, transfer = []) {
    if (this.isOver) return;
    if (
      ['attach', 'feed'].includes(message.call) &&
      this.#world.chance(this.#world.faults.badTransfer)
    ) {
      throw new DOMException('it can’t be transferred', 'DataCloneError');
    }
    const data = cloned(this.#world, message, transfer, this);
    ++this.posted;
    this.toWorker.push(() => {
      ++this.taken;
      this.#world.run(this, () => {
        for (const listener of this.#workerListeners) listener({ data });
      });
    });
  }

  /** The Worker's script fails. */
  crash(message = 'it died') {
    if (this.isOver) return;
    this.#world.run(this.parent, () =>
      this.#emit('error', new FakeErrorEvent('error', { message })),
    );
  }

  terminate() {
    if (this.isOver) return;
    this.isOver = true;
    this.toWorker = [];
    this.toPage = [];
    this.#world.terminated(this);
  }

  #emit(type, event) {
    for (const listener of this.#listeners[type]) {
      listener(event);
      if (event.isStopped) return;
    }
  }
}
