// The recipes of docs/recipes.md in headless Chromium: what the other side of a call sees.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { build } from 'vite';
import { models, pathOf } from '../../web/package/bin/models.mjs';
import { launch } from './support/browser.mjs';
import { folders } from './support/folders.mjs';
import { serve } from './support/server.mjs';

const model = models.find(pathOf);
const latestLiveKit = 'livekit-client';
/** The oldest that the package supports. */
const oldestLiveKit = 'livekit-client-2.18';

const versionOf = (name) =>
  JSON.parse(readFileSync(join(folders.root, 'node_modules', name, 'package.json'), 'utf8'))
    .version;

describe('a call', { skip: !model && 'no model is installed' }, () => {
  const built = mkdtempSync(join(tmpdir(), 'backdrop-calls-'));
  let server, browser, page;
  const problems = [];

  before(async () => {
    server = await serve({ [`/models/${model.file}`]: pathOf(model), '/': built });
    browser = await launch();
    page = await browser.newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    await open(latestLiveKit);
  });
  after(async () => {
    await browser?.close();
    server?.close();
    rmSync(built, { recursive: true });
  });

  /** Opens the page, built with a version of LiveKit's client. */
  async function open(livekit) {
    const outDir = join(built, livekit);
    if (!existsSync(outDir)) {
      await build({
        configFile: false,
        root: join(folders.support, 'calls'),
        base: './',
        resolve: { alias: { 'livekit-client': livekit } },
        build: { outDir, emptyOutDir: true, minify: false },
        logLevel: 'warn',
      });
    }
    await page.goto(`${server.address}/${livekit}/`);
    await page.waitForFunction(() => globalThis.play);
  }

  const play = (scene) =>
    page.evaluate(([scene, model]) => globalThis.play(scene, model), [scene, model]);

  it('between bare peers goes on with another camera and after a crash', async () => {
    const { isSame, width, afterCrash, showRoom } = await play('peers');
    assert.ok(isSame, 'the processed track stays with another source');
    assert.equal(width, 256, 'the other source is seen');
    assert.ok(afterCrash, 'the sender has the new track');
    assert.equal(showRoom, 0);
  });

  for (const livekit of [latestLiveKit, oldestLiveKit]) {
    describe(`by LiveKit ${versionOf(livekit)}`, () => {
      before(() => open(livekit));

      it('a LocalVideoTrack with the processor', async () => {
        const { isSame, width, afterCrash, showRoom, stopped } = await play('livekit');
        assert.ok(isSame, 'the processed track stays with another source');
        assert.equal(width, 256, 'the other source is seen');
        assert.ok(afterCrash, 'the sender and the element have the new track');
        assert.equal(showRoom, 0);
        assert.ok(stopped, 'a processor that is stopped lets the track go');
      });

      it('a processor is not set twice, and is replaced while muted only', async () => {
        const { again, elsewhere, replaced, isSame, isNext, paused, showRoom } =
          await play('livekitReplaced');
        assert.deepEqual([again, elsewhere, replaced], ['state', 'state', 'state']);
        assert.ok(isSame, 'the sender keeps the first processor’s track');
        assert.ok(isNext, 'the sender has the second processor’s track');
        assert.ok(paused, 'a paused track stays paused after a crash');
        assert.equal(showRoom, 0);
      });

      it('a processor that is set while muted starts at the unmuting', async () => {
        const { isProcessed, showRoom } = await play('livekitMuted');
        assert.ok(isProcessed, 'the sender has the processed track');
        assert.equal(showRoom, 0);
      });

      it('a component is mounted twice', async () => {
        const { outcome, isProcessed, showRoom } = await play('livekitMountedTwice');
        assert.equal(outcome, 'none');
        assert.ok(isProcessed, 'the sender has the processed track');
        assert.equal(showRoom, 0);
      });
    });
  }

  it('by mediasoup: a Producer with the processed track', async () => {
    const { afterCrash, showRoom } = await play('mediasoup');
    assert.ok(afterCrash, 'the producer has the new track');
    assert.equal(showRoom, 0);
  });

  it('by Jitsi: a track with the effect, muted and unmuted', async () => {
    const { released, revived, showRoom } = await play('jitsi');
    assert.ok(released, 'a muted track leaves the camera alone');
    assert.ok(revived, 'an effect starts again after its track was stopped');
    assert.equal(showRoom, 0);
    assert.equal(await play('jitsiListeners'), 1, 'of three effects');
  });

  it('by Jitsi: the camera goes on while a screen is shared', async () => {
    assert.equal(await play('jitsiScreen'), 0, 'frames that show the room');
  });

  it('by Stream: a filter of the camera', async () => {
    const { released, showRoom } = await play('stream');
    assert.ok(released, 'a camera that is switched off is released');
    assert.equal(showRoom, 0);
  });

  it('by Twilio: a LocalVideoTrack of the processed track, as on iOS', async () => {
    const { isSame, isDisabled, afterCrash, showRoom, isStopped, opened } = await play('twilio');
    assert.ok(isSame, 'Twilio’s track has the processed one');
    assert.ok(isDisabled, 'Twilio’s track disables the processed one');
    assert.ok(afterCrash, 'another of Twilio’s tracks, with the new one, is published');
    assert.equal(showRoom, 0);
    assert.ok(isStopped, 'Twilio’s track has ended with the Backdrop');
    assert.equal(opened, 0, 'cameras that Twilio opens by itself');
  });

  it('has the oldest supported version of LiveKit’s client tested', () => {
    const { peerDependencies } = JSON.parse(
      readFileSync(join(folders.package, 'package.json'), 'utf8'),
    );
    assert.equal(peerDependencies['livekit-client'], `^${versionOf(oldestLiveKit)}`);
  });

  it('makes no errors', () => {
    assert.deepEqual(problems, []);
  });
});
