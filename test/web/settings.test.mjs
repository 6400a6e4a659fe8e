// Who may see the room: what becomes of the settings when changes of them fail. In Node, with Workers
// and streams that are stand-ins.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Backdrop, sentences } from '../../web/package/dist/index.js';
import { usualPlacement } from '../../web/package/dist/engine/placement.js';
import { EngineKeeper } from '../../web/package/dist/stream/engine-keeper.js';

const model = { tflite: 'https://example.org/good.tflite' };
const missing = { tflite: 'https://example.org/missing.tflite' };
const none = { kind: 'none' };
const blur = { kind: 'blur', strength: 2 };
const red = { kind: 'color', rgb: 0xff0000 };

const started = { variant: 'simd', threads: 1, model: {} };

/** A Worker that answers each call with what `handler` returns or throws. */
class FakeWorker {
  calls = [];
  listeners = { message: [], error: [] };

  constructor(handler) {
    this.handler = handler;
  }

  addEventListener(type, listener) {
    this.listeners[type].push(listener);
  }

  async postMessage({ id, call, request }) {
    this.calls.push({ call, request });
    await undefined;
    try {
      const answer = call === 'ping' ? undefined : await this.handler(call, request);
      this.emit({ id, answer });
    } catch ({ code = 'crash', message }) {
      this.emit({ id, error: { code, message } });
    }
  }

  emit(data) {
    if (!this.terminated) for (const listener of this.listeners.message) listener({ data });
  }

  crash() {
    for (const listener of this.listeners.error) listener({ preventDefault() {}, message: 'died' });
  }

  terminate() {
    this.terminated = true;
  }

  /** What the Worker was told of a setting, latest last. */
  told(name) {
    return this.calls.map(({ request }) => request?.[name]).filter((value) => value !== undefined);
  }
}

const failure = (code) => Object.assign(new Error(`no ${code}`), { code });

/** An engine's Worker, which can't load the model that is missing. */
function answerAsEngine(call, request) {
  if (call === 'init' && request.model.tflite === missing.tflite) throw failure('fetch');
  return call === 'init' ? started : undefined;
}

const bitmap = () => ({ close() {} });

/** A promise and its settling from outside. */
function deferred() {
  let settle;
  const promise = new Promise((resolve, reject) => (settle = { resolve, reject }));
  return { promise, ...settle };
}

it('each code of an error has a sentence for people', () => {
  for (const code of ['fetch', 'model', 'silent']) assert.ok(Object.hasOwn(sentences, code));
  for (const sentence of Object.values(sentences)) assert.match(sentence, /^[A-Z][^.]*\.$/);
});

describe('the keeper of an engine', () => {
  let keeper, workers, answer;

  beforeEach(() => {
    answer = answerAsEngine;
    workers = [];
    const newWorker = () => {
      workers.push(new FakeWorker((...call) => answer(...call)));
      return workers.at(-1);
    };
    keeper = new EngineKeeper(newWorker, { changed() {}, failed() {} });
  });
  afterEach(() => {
    keeper.close();
    for (const worker of workers) worker.terminate();
  });

  it('keeps the room hidden when a change to none and a missing model is rejected', async () => {
    await keeper.configure({ model, background: blur });
    const change = keeper.configure({ background: none, model: missing });
    assert.equal(keeper.showsRoom, false);
    await assert.rejects(change, { code: 'fetch' });
    assert.equal(keeper.showsRoom, false);
  });

  it('shows the room from the start if nothing else was asked for', async () => {
    const start = keeper.configure({ model: missing, background: none });
    assert.equal(keeper.showsRoom, true);
    await assert.rejects(start, { code: 'fetch' });
    assert.equal(keeper.showsRoom, true);
  });

  it('needs no engine for none', async () => {
    await assert.rejects(keeper.configure({ model: missing, background: blur }));
    await keeper.configure({ background: none });
    assert.equal(keeper.showsRoom, true);
  });

  it('hides the room at once, and never shows it again by itself', async () => {
    await keeper.configure({ model, background: none });
    answer = (call, request) => {
      if (call === 'adjust') throw failure('argument');
      return answerAsEngine(call, request);
    };
    const change = keeper.configure({ background: blur });
    assert.equal(keeper.showsRoom, false);
    await assert.rejects(change, { code: 'argument' });
    assert.equal(keeper.showsRoom, false);
  });

  it('does not show the room for a none that another background has overtaken', async () => {
    await keeper.configure({ model, background: red });
    const change = keeper.configure({ background: none, variant: 'scalar' });
    const next = keeper.configure({ background: blur });
    await change;
    assert.equal(keeper.showsRoom, false);
    await next;
    assert.equal(keeper.showsRoom, false);
  });

  it('shows the background that replaced none though the rest of the change failed', async () => {
    await keeper.configure({ model, background: none });
    await assert.rejects(keeper.configure({ background: red, model: missing }), { code: 'fetch' });
    assert.deepEqual(workers[0].told('background').at(-1), red);
  });

  it('changes nothing when a change is rejected', async () => {
    await keeper.configure({ model, background: blur, targetFps: 30 });
    const change = { model: missing, background: red, steadying: 0.1, targetFps: 5 };
    await assert.rejects(keeper.configure(change), { code: 'fetch' });
    assert.equal(keeper.targetFps, 30);
    assert.deepEqual(workers[0].told('background'), [blur]);
    await keeper.configure({ variant: 'scalar' });
    const [setup] = workers.at(-1).calls.map(({ request }) => request);
    assert.deepEqual([setup.model, setup.background, setup.steadying], [model, blur, undefined]);
  });

  it('changes the frame rate without an engine', async () => {
    await assert.rejects(keeper.configure({ model: missing, targetFps: 30 }));
    const before = workers.length;
    await keeper.configure({ targetFps: 5 });
    assert.equal(keeper.targetFps, 5);
    assert.equal(workers.length, before);
  });
});

describe('a backdrop', () => {
  const stubbed = ['Worker', 'MediaStreamTrackProcessor', 'MediaStreamTrackGenerator'];
  const track = {
    kind: 'video',
    readyState: 'live',
    enabled: true,
    getSettings: () => ({}),
    getConstraints: () => ({}),
  };
  let workers, answer, backdrop;

  beforeEach(() => {
    workers = [];
    answer = () => undefined;
    globalThis.Worker = class extends FakeWorker {
      constructor() {
        super(async (call, request) => (await answer(call, request)) ?? {});
        workers.push(this);
      }
    };
    globalThis.MediaStreamTrackProcessor = class {};
    globalThis.MediaStreamTrackGenerator = class {
      readyState = 'live';
      enabled = true;
      getSettings() {
        return { width: 320 };
      }
      stop() {
        this.readyState = 'ended';
      }
    };
    globalThis.HTMLCanvasElement = class {};
    globalThis.ImageData = class {};
    globalThis.document = { baseURI: 'https://example.org/' };
  });
  afterEach(() => {
    backdrop.dispose();
    for (const worker of workers) worker.crash();
    for (const name of [
      ...stubbed,
      'HTMLCanvasElement',
      'ImageData',
      'document',
      'createImageBitmap',
    ]) {
      delete globalThis[name];
    }
  });

  const begin = async (background) => {
    backdrop = new Backdrop({ model, background });
    await backdrop.process(track);
  };
  const toldAtFirst = (worker) => worker.told('background')[0];
  const rejectSets = () => {
    answer = (call) => {
      if (call === 'configure') throw failure('fetch');
    };
  };

  it('says what it does', async () => {
    assert.equal(Backdrop.isSupported(), true);
    await begin(red);
    assert.deepEqual(
      [backdrop.state, backdrop.source, backdrop.output.readyState],
      ['idle', track, 'live'],
    );
    assert.deepEqual(backdrop.options.background, red);
    stubPictures();
    const image = {};
    const held = { kind: 'image', image, fit: 'contain', position: [0, 1], mirror: true };
    await backdrop.set({ background: held, steadying: 0.5 });
    assert.deepEqual(backdrop.options.background, { ...usualPlacement, ...held });
    assert.equal(backdrop.options.steadying, 0.5);
    await backdrop.set({ background: undefined, steadying: undefined });
    assert.deepEqual(backdrop.options.background, blur);
    assert.equal(backdrop.options.steadying, 0.9);
    backdrop.stop();
    assert.deepEqual([backdrop.source, backdrop.output], [undefined, undefined]);
    backdrop[Symbol.dispose ?? 'dispose']();
    assert.equal(backdrop.state, 'disposed');
  });

  it('says whether the operating system blurs the camera already, where the browser tells', async () => {
    await begin(red);
    assert.equal(backdrop.isSourceBlurred, false);
    await backdrop.process({ ...track, getSettings: () => ({ backgroundBlur: true }) });
    assert.equal(backdrop.isSourceBlurred, true);
    await backdrop.process(null);
    assert.equal(backdrop.isSourceBlurred, false);
  });

  it('tells of events by addEventListener, and of errors on the console if nobody listens', async () => {
    await begin(red);
    const warnings = [];
    const { warn } = console;
    console.warn = (...words) => warnings.push(words.join(' '));
    try {
      const emit = (type, detail) => workers[0].emit({ event: { type, detail } });
      emit('error', { code: 'model', message: 'first' });
      assert.deepEqual(warnings, ['Backdrop: model: first']);
      const heard = [];
      const over = new AbortController();
      const { signal } = over;
      backdrop.addEventListener('error', ({ detail }) => heard.push(detail.message), { signal });
      const states = [];
      backdrop.addEventListener('degraded', () => states.push(backdrop.state), { once: true });
      const { ready } = backdrop;
      emit('error', { code: 'model', message: 'second' });
      emit('degraded', { reason: 'failed', message: 'it failed' });
      await assert.rejects(ready, { code: 'state', message: 'it failed' });
      over.abort();
      emit('error', { code: 'model', message: 'third' });
      emit('degraded', { reason: 'slow', message: '' });
      assert.deepEqual([heard, states, backdrop.state], [['second'], ['failed'], 'slow']);
      assert.equal(warnings.length, 1);
      const next = backdrop.ready;
      emit('ready', {});
      await next;
      await backdrop.ready;
    } finally {
      console.warn = warn;
    }
  });

  it('lets its source go, and does not take it back when its stream is opened anew', async () => {
    await begin(red);
    const { output } = backdrop;
    assert.equal(await backdrop.process(null), output);
    assert.equal(workers[0].calls.at(-1).call, 'detach');
    assert.equal(backdrop.source, undefined);
    workers[0].crash();
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.equal(workers.length, 1);
  });

  it('that was refused a blur does not go back to none when the stream dies', async () => {
    await begin(none);
    rejectSets();
    await assert.rejects(backdrop.set({ background: blur }), { code: 'fetch' });
    const opened = new Promise((resolve) => backdrop.on('track', resolve));
    workers.at(-1).crash();
    await opened;
    assert.equal(workers.length, 2);
    assert.deepEqual(toldAtFirst(workers[1]), blur);
  });

  it('that was refused a blur does not go back to none when it is started again', async () => {
    await begin(none);
    rejectSets();
    await assert.rejects(backdrop.set({ background: blur }), { code: 'fetch' });
    backdrop.stop();
    await backdrop.process(track);
    assert.deepEqual(toldAtFirst(workers[1]), blur);
  });

  it('does not start with a none that was never answered', async () => {
    await begin(red);
    const { promise, resolve } = deferred();
    answer = (call, { background } = {}) => (background?.kind === 'none' ? promise : undefined);
    const change = backdrop.set({ background: none });
    change.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve));
    backdrop.stop();
    await backdrop.process(track);
    assert.deepEqual(toldAtFirst(workers[1]), red);
    resolve();
  });

  it('loads a picture before anything changes', async () => {
    await begin(red);
    rejectSets();
    globalThis.createImageBitmap = () => Promise.reject(new Error('damaged'));
    const configured = workers[0].calls.length;
    const change = backdrop.set({ steadying: 0.1, background: { kind: 'image', image: {} } });
    await assert.rejects(change, { code: 'picture' });
    assert.equal(workers[0].calls.length, configured);
  });

  it('makes one change of a model and a picture', async () => {
    await begin(red);
    rejectSets();
    stubPictures();
    const configured = workers[0].calls.length;
    const image = {};
    const change = backdrop.set({ model: missing, background: { kind: 'image', image } });
    await assert.rejects(change, { code: 'fetch' });
    const [call, ...more] = workers[0].calls.slice(configured);
    assert.deepEqual(more, []);
    assert.deepEqual(Object.keys(call.request).sort(), ['background', 'model']);
  });

  it('hides the room while a picture loads, and when it fails to', async () => {
    await begin(none);
    await assertHiddenByFailingPicture();
    backdrop.stop();
    await backdrop.process(track);
    assert.deepEqual(toldAtFirst(workers[1]), blur);
  });

  it('hides the room of a none that is not yet answered while a picture loads', async () => {
    await begin(red);
    const { promise, reject } = deferred();
    globalThis.createImageBitmap = () => promise;
    const first = backdrop.set({ background: none });
    const change = backdrop.set({ background: { kind: 'image', image: {} } });
    await first;
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual(workers[0].told('background').at(-1), red);
    reject(new Error('damaged'));
    await assert.rejects(change, { code: 'picture' });
    assert.deepEqual(workers[0].told('background').at(-1), red);
  });

  it('hides the room of a none that was followed by a refused one while a picture loads', async () => {
    await begin(red);
    answer = (call, { model: wanted } = {}) => {
      if (call === 'configure' && wanted?.tflite === missing.tflite) throw failure('fetch');
    };
    const first = backdrop.set({ background: none });
    const second = backdrop.set({ background: none, model: missing });
    await first;
    await assert.rejects(second, { code: 'fetch' });
    await assertHiddenByFailingPicture();
  });

  it('does not let a picture that loads slowly undo later changes', async () => {
    await begin(red);
    const { promise, resolve } = deferred();
    stubPictures(() => promise);
    const slow = backdrop.set({
      steadying: 0.1,
      coverage: { low: 0.1, high: 0.2 },
      background: { kind: 'image', image: {} },
    });
    await backdrop.set({ steadying: 0.5, background: blur });
    resolve(bitmap());
    await slow;
    assert.deepEqual(workers[0].told('background').at(-1), blur);
    assert.deepEqual(workers[0].told('steadying').at(-1), 0.5);
    assert.deepEqual(workers[0].told('coverage').at(-1), { low: 0.1, high: 0.2 });
  });

  /** A picture that loads slowly, and fails to, leaves a blur. */
  async function assertHiddenByFailingPicture() {
    const { promise, reject } = deferred();
    globalThis.createImageBitmap = () => promise;
    const change = backdrop.set({ background: { kind: 'image', image: {} } });
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual(workers[0].told('background').at(-1), blur);
    reject(new Error('damaged'));
    await assert.rejects(change, { code: 'picture' });
  }

  function stubPictures(load = () => Promise.resolve(bitmap())) {
    globalThis.createImageBitmap = load;
    globalThis.OffscreenCanvas = class {
      getContext() {
        return { drawImage() {}, getImageData() {} };
      }
    };
  }
});
