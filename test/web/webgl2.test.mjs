// The pipeline `webgl2`, in browsers that run WebGL 2 in software.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { models, pathOf } from '../../web/package/bin/models.mjs';
import { browserNames, launchBrowser, withoutBrowser } from './support/browsers.mjs';
import { folders } from './support/folders.mjs';
import { serve } from './support/server.mjs';
import { colourNetwork } from './support/tflite.mjs';

const portrait = join(folders.media, 'grace_hopper.jpg');
const model = models.find(pathOf);
const functionsHeader = readFileSync(join(folders.root, 'engine/platform/gl_functions.h'), 'utf8');
const functions = [...functionsHeader.matchAll(/^ +X\(\w+, (\w+),/gm)].map(([, name]) => name);

/** A network that takes what is red for a person. */
const redPerson = {
  file: 'red-person.tflite',
  input: { min: 0, max: 1 },
  output: 'probability',
};
const redPersonFile = colourNetwork({ weights: [[40, 0, 0]], biases: [-20], logistic: true });

/** Largest mean difference of the two pictures, of 255: they round and interpolate differently. */
const tolerance = 4;

const looks = {
  'a blur': { background: 'blur' },
  'a colour': { background: 'color' },
  'a picture': { background: 'image' },
  nothing: { background: 'transparent' },
  'a colour, sampled by the CPU': { background: 'color', sampling: 'cpu' },
  'a blur, sampled by the CPU': { background: 'blur', sampling: 'cpu', kind: 'VideoFrame' },
  'a picture, of an odd size': { background: 'image', width: 333 },
};

const commandLine = join(folders.root, 'build/native/apps/cli/backdrop');
const native = mkdtempSync(join(tmpdir(), 'backdrop-native-'));
const nativeBackgrounds = {
  blur: ['--blur', '3'],
  color: ['--color', '#2040c0', '--light-wrapping', '0.3'],
  portrait: ['--image', portrait, '--light-wrapping', '0.3'],
};
const nativeLook = {
  refinement: { kind: 'bilateral-separable', sigmaSpace: 1, sigmaColor: 0.1 },
  lightWrapping: { strength: 0.3, blendMode: 'screen' },
};

function drawNatively(file, background) {
  const refinement = ['--refine', nativeLook.refinement.kind];
  const args = ['composite', portrait, '-o', file, '--model', pathOf(model), '--gpu'];
  return spawnSync(commandLine, [...args, ...refinement, ...background], { encoding: 'utf8' });
}

after(() => rmSync(native, { recursive: true }));

for (const browserName of browserNames) {
  describe(`WebGL 2 in ${browserName}`, { skip: withoutBrowser(browserName) }, () => {
    let server, browser, page, missing;

    before(async () => {
      const files = models.filter(pathOf).map((each) => [`/models/${each.file}`, pathOf(each)]);
      const mounts = {
        ...Object.fromEntries(files),
        '/portrait.jpg': portrait,
        '/native/': native,
      };
      const answers = { [`/models/${redPerson.file}`]: { body: Buffer.from(redPersonFile) } };
      server = await serve({ ...mounts, '/': folders.root }, { answers });
      browser = await launchBrowser(browserName, { gpu: true });
      page = await browser.open(`${server.address}/test/web/support/blank.html`);
      missing = await inWorker('gpu', 'missing');
    });
    after(async () => {
      await browser?.close();
      server?.close();
    });
    const inWorker = (script, ...call) =>
      page.call('inWorkerOf', `in-worker-${script}.mjs`, ...call);

    /** A test that is skipped, with the reason, where the browser has no WebGL 2. */
    function test(title, action, { needsModel = true } = {}) {
      it(title, { timeout: 300_000 }, (context) => {
        if (missing) return context.skip(`no WebGL 2: ${missing}`);
        if (needsModel && !model) return context.skip('no model is installed');
        if (needsModel && !existsSync(portrait)) return context.skip(`${portrait} is missing`);
        return action(context);
      });
    }

    for (const shared of [false, true]) {
      test(
        `OpenGL’s functions do what they are named for, in ${shared ? 'shared' : 'plain'} memory`,
        async () => {
          const done = await inWorker('gl', 'useAll', shared);
          assert.deepEqual(done.functions.sort(), [...functions, 'GetBufferSubData'].sort());
          assert.equal(done.refused.compiled, 0);
          assert.equal(done.refused.linked, 0);
          for (const log of [done.refused.shaderLog, done.refused.programLog]) {
            assert.ok(log.length > 0 && log.length < 16);
          }
          assert.equal(done.linked, 1);
          const [frame, parts, one, two, three, four, frameAgain, none] = done.locations;
          assert.equal(new Set([frame, parts, one, two, three, four]).size, 6);
          assert.equal(frameAgain, frame);
          assert.equal(none, -1);
          assert.ok(done.isComplete);
          assert.deepEqual(done.drawn, [11, 22, 33, 44, 15, 26, 37, 48]);
          assert.ok(done.most > 6);
          assert.deepEqual([done.left, done.error], [0, 0]);
        },
        { needsModel: false },
      );
    }

    for (const [title, look] of Object.entries(looks)) {
      test(`puts ${title} behind the portrait as the CPU does`, async (context) => {
        const result = await inWorker('gpu', 'compare', model, look);
        context.diagnostic(`mean difference ${result.difference.toFixed(3)} of 255`);
        assert.equal(result.kind, look.kind ?? 'ImageBitmap');
        assert.equal(result.statistics.pipeline, 'webgl2');
        assert.ok(result.difference <= tolerance, `${result.difference}`);
        assert.ok(result.change > 2 * result.difference + 2, 'the room is no test');
      });
    }

    for (const [background, chosen] of Object.entries(nativeBackgrounds)) {
      test(`draws what the command line draws: ${background}`, async (context) => {
        if (!existsSync(commandLine)) return context.skip('the command line is not built');
        const file = `${background}.png`;
        const drawing = drawNatively(join(native, file), chosen);
        if (/there is no GPU/.test(drawing.stderr)) return context.skip(drawing.stderr);
        assert.equal(drawing.status, 0, drawing.stderr);
        const look = { background, ...nativeLook };
        const difference = await inWorker('gpu', 'compareWith', `/native/${file}`, model, look);
        context.diagnostic(`mean difference ${difference.toFixed(3)} of 255`);
        assert.ok(difference <= tolerance, `${difference}`);
      });
    }

    for (const kind of ['VideoFrame', 'ImageData', 'ImageBitmap']) {
      test(`gives each kind of picture, with alpha where it is cut out: ${kind}`, async () => {
        const opaque = await inWorker('gpu', 'compare', model, { background: 'color', kind });
        const cut = await inWorker('gpu', 'compare', model, { background: 'transparent', kind });
        for (const result of [opaque, cut]) {
          assert.equal(result.kind, kind);
          assert.ok(result.difference <= tolerance, `${result.difference}`);
        }
        if (kind !== 'VideoFrame') return;
        assert.deepEqual([opaque.timestamp, opaque.duration], [40, 20]);
        assert.match(opaque.format, /X$/);
        assert.match(cut.format, /A$/);
      });
    }

    test('leaves pictures as they are with no background', async () => {
      const { change } = await inWorker('gpu', 'compare', model, { background: 'none' });
      assert.ok(change <= 0.5, `${change}`);
    });

    for (const kind of ['guided', 'bilateral', 'bilateral-rational', 'bilateral-separable']) {
      test(`refines the mask and wraps light: ${kind}`, async () => {
        const refinement = { kind, sigmaSpace: 1, sigmaColor: 0.1 };
        const lightWrapping = { strength: 0.3, blendMode: 'linear-dodge' };
        const look = { background: 'image', refinement, lightWrapping };
        const { difference, change } = await inWorker('gpu', 'compare', model, look);
        assert.ok(difference > 0 && difference <= 2 * tolerance, `${difference}`);
        assert.ok(change > 8);
      });
    }

    test('tries both ways of sampling, which give the same', async () => {
      const { tried, largest } = await inWorker('gpu', 'sampleAutomatically', model);
      assert.deepEqual(tried, [12, 12]);
      assert.ok(largest <= 1, `${largest}`);
    });

    for (const sampling of ['gpu', 'cpu']) {
      test(`goes on on the CPU while the context is lost: sampling ${sampling}`, async () => {
        const look = { background: 'image', sampling };
        const { frames, raw } = await inWorker('gpu', 'lose', model, look);
        assert.equal(frames.length, 8);
        for (const start of [0, 4]) {
          assert.equal(frames[start].pipeline, 'webgl2');
          assert.equal(frames[start + 2].pipeline, 'engine');
          assert.equal(frames[start + 3].pipeline, 'webgl2');
        }
        assert.ok(raw > 4 * tolerance);
        for (const { difference } of frames) assert.ok(difference <= tolerance, `${difference}`);
      });
    }

    for (const kind of ['none', 'guided']) {
      test(
        `composites no mask of an earlier loss of the context: refinement ${kind}`,
        async () => {
          const look = { refinement: { kind, sigmaSpace: 1, sigmaColor: 0.1 } };
          const frames = await inWorker('gpu', 'moveBetweenLosses', redPerson, look);
          const made = frames.map(({ pipeline }) => pipeline);
          const gpu = (count) => Array(count).fill('webgl2');
          const cpu = (count) => Array(count).fill('engine');
          assert.deepEqual(made, [...gpu(2), ...cpu(2), ...gpu(3), ...cpu(3)]);
          const most = Math.max(...frames.map(({ room }) => room));
          assert.ok(most < 0.05 * 320 * 180, JSON.stringify(frames));
        },
        { needsModel: false },
      );
    }

    test('keeps a background that is chosen while the context is lost', async () => {
      const { pipelines, difference } = await inWorker('gpu', 'changeWhileLost', model);
      assert.deepEqual(pipelines, ['engine', 'webgl2']);
      assert.ok(difference <= tolerance, `${difference}`);
    });

    test('leaves nothing of 100 times made and destroyed', async () => {
      const { counts, error } = await inWorker('gpu', 'namesAfterDestroying', model, 100);
      assert.deepEqual(new Set(counts), new Set([0]));
      assert.equal(counts.length, 100);
      assert.equal(error, 0);
    });

    test('leaves nothing of 40 sizes', async () => {
      const { counts, error } = await inWorker('gpu', 'namesAfterSizes', model, 40);
      assert.equal(counts.length, 40);
      assert.equal(Math.max(...counts.slice(-20)), Math.max(...counts.slice(0, 20)));
      assert.equal(error, 0);
    });

    it('logged no errors', () => {
      const unexpected = page.problems.filter((problem) => !/404|CONTEXT_LOST/.test(problem));
      assert.deepEqual(unexpected, []);
    });
  });
}
