// A stream under load and in a hidden tab. No other test should run at the same time.
import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { animationAnswer, clipAnswer } from '../support/clips.mjs';
import { spoiled } from '../support/faults.mjs';
import {
  black,
  describeInBrowsers,
  modelOf,
  openPage,
  pictureColour,
  withStream,
} from '../support/stream.mjs';

/** Seconds for which the tab is hidden. */
const hiddenSeconds = Number(process.env.BACKDROP_HIDDEN_SECONDS ?? 5);

const cyan = '#20a0e0';
const cyanColour = [0x20, 0xa0, 0xe0];

describeInBrowsers('the stream', (context) => {
  const { name, answers } = context;
  const transports = name === 'chromium' ? ['window-streams', 'canvas'] : ['canvas'];
  before(() => {
    answers['/colours.webm'] = clipAnswer('#e0a020', cyan);
    answers['/animation.gif'] = animationAnswer('gif', ['#e0a020', cyan]);
  });

  for (const transport of transports) {
    it(`drops frames, and never queues them, when it is too slow: ${transport}`, async () => {
      const counting = "import '/test/web/support/open-frames.mjs';";
      Object.assign(
        answers,
        spoiled('engine/worker.js', counting),
        spoiled('stream/worker.js', counting),
      );
      const options = {
        transport,
        assets: '/faulty/',
        model: modelOf('mlkit'),
        variant: 'scalar',
        background: { kind: 'blur', strength: 0.1 },
      };
      await withStream(
        context,
        options,
        async (page) => {
          await page.call('event', { type: 'ready' });
          await page.call('otherColour', black, 0);
          await page.call('nextFrames', 15);
          await page.call('dropped');
          const open = await page.call('openFrames');
          assert.ok(open.length > 0 && Math.max(...open) < 6, `${open} frames are open`);
        },
        { source: { width: 1920, height: 1080 }, showsRoom: true },
      );
    });
  }

  it('goes on in a hidden tab', async (test) => {
    const page = await openPage(context);
    await page.call('create', { model: modelOf() });
    await page.call('processCamera');
    await page.call('event', { type: 'ready' });
    const other = await page.hide();
    if (!(await page.call('isHidden'))) {
      test.skip('the tab could not be hidden');
      return;
    }
    const share = await page.call('deliveredShare', hiddenSeconds);
    test.diagnostic(`${(100 * share).toFixed(1)}% of the frames in ${hiddenSeconds} s`);
    // A tab that the browser throttles has one frame a second.
    assert.ok(share >= 0.5);
    assert.ok(await page.call('isHidden'));
    await other.close();
    await page.close();
  });

  it('plays a background video in a hidden tab, and begins one', (test) => {
    const clip = { kind: 'video', video: '/colours.webm' };
    return withStream(
      context,
      { background: clip },
      async (page) => {
        const assertPlays = async () => {
          for (const colour of [pictureColour, cyanColour, pictureColour]) {
            await page.call('colour', colour, (await page.call('now')).frames);
          }
        };
        await page.call('colour', pictureColour);
        const other = await page.hide();
        if (!(await page.call('isHidden'))) return test.skip('the tab can’t be hidden');
        await assertPlays();
        await page.call('set', { background: '/animation.gif' });
        await assertPlays();
        const { error } = await page.call('set', { background: clip });
        assert.equal(error, undefined);
        await assertPlays();
        assert.ok(await page.call('isHidden'));
        await other.close();
      },
      // Browsers capture no canvas of a hidden page.
      { source: 'camera' },
    );
  });
});
