// Faults around a stream: no raw frame leaves, an event gives the reason, and the stream recovers when
// it can.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { models, pathOf } from '../../web/package/bin/models.mjs';
import { spoiled, trappingModule } from './support/faults.mjs';
import { serve } from './support/server.mjs';
import {
  assertNeverRaw,
  black,
  blue,
  blueColour,
  describeInBrowsers,
  isNear,
  modelOf,
  openPage,
  started,
  withStream,
} from './support/stream.mjs';

const html = { type: 'text/html', body: '<!doctype html><title>A page</title>' };
const missing = { status: 404, type: 'text/plain' };
const wasm = '/faulty/wasm/simd.wasm';

/** Faults of loaded files: the server's answer, the events, and the error's code and message. */
const loadingFaults = {
  'a model that is missing': [{ '/model': missing }, 'fetch', /model.*404/],
  'a module that is missing': [{ [wasm]: missing }, 'fetch', /simd\.wasm.*404/],
  'a module that is a page': [{ [wasm]: html }, 'assets', /simd\.wasm.*text\/html/],
  'an engine’s script that is missing': [
    { '/faulty/engine/worker.js': missing },
    'assets',
    /engine\/worker\.js could not be loaded/,
  ],
  'an engine that stops': [
    { [wasm]: { type: 'application/wasm', body: trappingModule('simd') } },
    'crash',
    /the engine stopped/,
  ],
};

const complaints = /404|Failed to load|spoiled|MIME|SyntaxError|Loading/i;

describeInBrowsers('a stream’s faults', (context) => {
  const { name, answers } = context;
  const transports = name === 'chromium' ? ['window-streams', 'canvas'] : ['canvas'];
  const modelFile = {
    type: 'application/octet-stream',
    body: readFileSync(pathOf(models.find(pathOf))),
  };
  const faulty = { assets: '/faulty/', variant: 'simd' };

  async function assertGoesOn(page, from) {
    await page.call('event', { type: 'ready' }, from);
    await page.call('colour', blueColour, (await page.call('now')).frames);
  }

  // Chromium's limit (findings/chromium-open-camera-frames.sh).
  if (name === 'chromium') {
    it('goes on with a camera one of whose frames the page keeps open', () =>
      withStream(
        context,
        {},
        async (page) => {
          await started(page);
          const frames = await page.call('nextFrames', 30);
          assert.ok(frames.every((frame) => isNear(frame, blueColour)));
        },
        { source: 'held camera' },
      ));
  }

  for (const transport of transports) {
    // All transports load files in the same way.
    const ofLoading = transport === transports[0] ? Object.entries(loadingFaults) : [];
    for (const [title, [fault, code, words]] of ofLoading) {
      it(`${title}: ${transport}`, async () => {
        Object.assign(answers, { '/model': modelFile }, fault);
        const options = {
          ...faulty,
          transport,
          model: { ...modelOf(models.find(pathOf).id), tflite: '/model' },
        };
        await withStream(
          context,
          options,
          async (page) => {
            const error = await page.call('event', { type: 'error' });
            assert.deepEqual([error.name, error.code], ['BackdropError', code]);
            assert.match(error.message, words);
            await page.call('event', { type: 'degraded', reason: 'failed' });
            for (const frame of await page.call('nextFrames', 5)) assert.ok(isNear(frame, black));
            for (const address of Object.keys(fault)) delete answers[address];
            answers['/model'] = modelFile;
            await assertGoesOn(page);
            assert.equal(await page.call('outputState'), 'live');
          },
          { expects: complaints },
        );
      });
    }

    it(`a model that is damaged: ${transport}`, async () => {
      const model = { tflite: '/test/web/support/stream.html' };
      await withStream(context, { transport, model }, async (page) => {
        const error = await page.call('event', { type: 'error' });
        assert.equal(error.code, 'model');
        for (const frame of await page.call('nextFrames', 5)) assert.ok(isNear(frame, black));
        assert.equal((await page.call('set', { model: modelOf() })).error, undefined);
        await assertGoesOn(page);
        const refused = await page.call('set', { model });
        assert.equal(refused.error.code, 'model');
        for (const frame of await page.call('nextFrames', 5)) assert.ok(isNear(frame, blueColour));
      });
    });

    it(`frames that can’t be made: ${transport}`, async () => {
      const spoiler = 'self.VideoFrame = class { constructor() { throw new Error("spoiled") } };';
      Object.assign(answers, spoiled('engine/worker.js', spoiler));
      await withStream(context, { ...faulty, transport }, async (page) => {
        const error = await page.call('event', { type: 'error' });
        assert.deepEqual([error.code, error.message], ['frame', 'spoiled']);
        for (const frame of await page.call('nextFrames', 30)) assert.ok(isNear(frame, black));
        assert.equal(await page.call('count', 'error'), 1);
        delete answers['/faulty/engine/worker.js'];
        assert.equal((await page.call('set', { variant: 'scalar' })).error, undefined);
        await assertGoesOn(page);
      });
    });

    it(`frames that can’t be copied: ${transport}`, async () => {
      Object.assign(
        answers,
        spoiled(
          'engine/worker.js',
          'VideoFrame.prototype.copyTo = () => { throw new Error("spoiled") };',
        ),
      );
      await withStream(context, { ...faulty, transport }, (page) => assertGoesOn(page));
      delete answers['/faulty/engine/worker.js'];
    });

    it(`a source that ends: ${transport}`, () =>
      withStream(context, { transport }, async (page) => {
        await page.call('event', { type: 'ready' });
        await page.call('stopSource');
        const { events } = await page.call('now');
        await page.call('event', { type: 'degraded', reason: 'ended' });
        await page.call('colour', black, -1);
        assert.equal(await page.call('process'), false);
        await assertGoesOn(page, events);
      }));

    it(`a camera that is unplugged: ${transport}`, () =>
      withStream(context, { transport }, async (page) => {
        await page.call('event', { type: 'ready' });
        assert.equal(await page.call('processCamera'), false);
        await page.call('size', 320, 240);
        await page.call('stopSource');
        const { events } = await page.call('now');
        await page.call('event', { type: 'degraded', reason: 'ended' });
        assert.equal(await page.call('processCamera'), false);
        await page.call('event', { type: 'ready' }, events);
      }));
  }

  const streams = { skip: name === 'firefox' && 'it has no such streams' };

  it('a source whose stream brings no frame', streams, async () => {
    const spoiler = `
      const { getReader } = ReadableStream.prototype;
      ReadableStream.prototype.getReader = function () {
        ReadableStream.prototype.getReader = getReader;
        return Object.assign(this.getReader(), { read: () => new Promise(() => undefined) });
      };`;
    Object.assign(answers, spoiled('stream/worker.js', spoiler));
    await withStream(context, { ...faulty, transport: 'window-streams' }, (page) =>
      assertGoesOn(page),
    );
    delete answers['/faulty/stream/worker.js'];
  });

  // Each waits half a minute for an answer that does not come: together.
  describe('a Worker that died', { concurrency: true }, () => {
    it('the engine’s: canvas', () =>
      withStream(context, { transport: 'canvas' }, async (page) => {
        await page.call('event', { type: 'ready' });
        const { events } = await page.call('now');
        await page.call('terminate', 'backdrop-engine');
        const error = await page.call('event', { type: 'error' }, events);
        assert.equal(error.code, 'crash');
        await assertGoesOn(page, events);
        assert.equal(await page.call('outputState'), 'live');
      }));

    it('the engine’s: window-streams', streams, async () => {
      const spoiler = `
      let isFirst = true;
      self.Worker = class extends Worker {
        constructor(...given) {
          super(...given);
          if (isFirst) new BroadcastChannel('faults').onmessage = () => this.terminate();
          isFirst = false;
        }
      };`;
      Object.assign(answers, spoiled('stream/worker.js', spoiler));
      await withStream(context, { ...faulty, transport: 'window-streams' }, async (page) => {
        const { events } = await started(page);
        await page.call('tellWorker', 'terminate');
        const error = await page.call('event', { type: 'error' }, events);
        assert.equal(error.code, 'crash');
        await assertGoesOn(page, events);
        assert.equal(await page.call('outputState'), 'live');
      });
      delete answers['/faulty/stream/worker.js'];
    });

    it('the stream’s', streams, () =>
      withStream(context, { transport: 'window-streams' }, async (page) => {
        await page.call('event', { type: 'ready' });
        const { events } = await page.call('now');
        await page.call('terminate', 'backdrop-stream');
        const error = await page.call('event', { type: 'error' }, events);
        assert.equal(error.code, 'crash');
        await page.call('event', { type: 'track' }, events);
        await assertGoesOn(page, events);
      }),
    );
  });

  it('a stream whose script is missing', streams, async () => {
    answers['/faulty/stream/worker.js'] = missing;
    const page = await openPage(context);
    await page.call('create', { ...faulty, model: modelOf(), background: blue });
    await assert.rejects(page.call('process'), /could not be loaded/);
    delete answers['/faulty/stream/worker.js'];
    assert.ok(await page.call('process'));
    await assertGoesOn(page);
    assertNeverRaw(await page.call('allFrames'));
    await page.close();
  });

  it('blank frames that can’t be made', streams, async () => {
    const spoiler = `
      let made = 0;
      const Real = VideoFrame;
      self.VideoFrame = class extends Real {
        constructor(...given) {
          if (++made < 10) throw new Error('spoiled');
          super(...given);
        }
      };`;
    Object.assign(answers, spoiled('stream/worker.js', spoiler), { '/model': missing });
    const model = { ...modelOf(models.find(pathOf).id), tflite: '/model' };
    const options = { ...faulty, model, transport: 'window-streams' };
    await withStream(
      context,
      options,
      async (page) => {
        const error = await page.call('event', { type: 'error', message: 'spoiled' });
        assert.equal(error.code, 'crash');
        await page.call('colour', black);
        answers['/model'] = modelFile;
        await assertGoesOn(page);
      },
      { expects: complaints },
    );
    delete answers['/faulty/stream/worker.js'];
  });

  let elsewhere;
  before(async () => {
    elsewhere = await serve({}, { answers });
  });
  after(() => elsewhere?.close());

  it('background pictures that can’t be used', () =>
    withStream(
      context,
      {},
      async (page) => {
        await started(page);
        const foreign = `${elsewhere.address}/favicon.ico`;
        const pictures = [
          ['/nothing.png', 'fetch', /nothing\.png.*404/],
          ['/test/web/support/stream.html', 'picture', /stream\.html/],
          [foreign, 'fetch', /favicon/],
          [{ shown: foreign }, 'picture', /picture/],
        ];
        for (const [image, code, words] of pictures) {
          const { error } = await page.call('set', { background: { kind: 'image', image } });
          assert.deepEqual([error.name, error.code], ['BackdropError', code]);
          assert.match(error.message, words);
          for (const frame of await page.call('nextFrames', 3))
            assert.ok(isNear(frame, blueColour));
        }
      },
      { expects: /404|Failed to load|CORS|Cross-Origin/ },
    ));
});
