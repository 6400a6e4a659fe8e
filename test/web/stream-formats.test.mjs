// Frames of all formats, sizes, colour spaces and orientations, and their timestamps.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { describeInBrowsers, green, greenColour, isNear, withStream } from './support/stream.mjs';

const [width, height] = [320, 180];
const bt709 = { matrix: 'bt709', primaries: 'bt709', transfer: 'bt709', fullRange: false };

/** Frames to write, and the format and size of the expected output; without a format, any will do. */
const cases = {
  I420: [{ format: 'I420', width, height }, 'I420', [320, 180]],
  NV12: [{ format: 'NV12', width, height }, 'NV12', [320, 180]],
  I420A: [{ format: 'I420A', width, height }, undefined, [320, 180]],
  RGBA: [{ format: 'RGBA', width, height }, undefined, [320, 180]],
  RGBX: [{ format: 'RGBX', width, height }, undefined, [320, 180]],
  BGRA: [{ format: 'BGRA', width, height }, undefined, [320, 180]],
  'I420 of an odd size': [{ format: 'I420', width: 333, height: 201 }, 'I420', [333, 201]],
  'NV12 of an odd size': [{ format: 'NV12', width: 333, height: 201 }, 'NV12', [333, 201]],
  'BGRA of an odd size': [{ format: 'BGRA', width: 333, height: 201 }, undefined, [333, 201]],
  'a part of I420': [
    { format: 'I420', width, height, visibleRect: { x: 32, y: 16, width: 240, height: 120 } },
    'I420',
    [240, 120],
  ],
  'an odd part of I420': [
    { format: 'I420', width, height, visibleRect: { x: 32, y: 16, width: 241, height: 121 } },
    'I420',
    [241, 121],
  ],
  'BT.709': [{ format: 'I420', width, height, colorSpace: bt709 }, 'I420', [320, 180]],
  'the full range': [
    { format: 'I420', width, height, colorSpace: { fullRange: true } },
    'I420',
    [320, 180],
  ],
  'a quarter turn': [{ format: 'I420', width, height, rotation: 90 }, 'I420', [180, 320]],
  'half a turn': [{ format: 'NV12', width, height, rotation: 180 }, 'NV12', [320, 180]],
  'a mirror': [{ format: 'I420', width, height, flip: true }, 'I420', [320, 180]],
};

/** Writes some of these frames, and returns the output frames. */
async function processed(page, frame) {
  const times = await page.call('writeFrames', frame, 5);
  await page.call('time', times);
  const frames = await page.call('allFrames');
  return frames.filter(({ timestamp }) => times.includes(timestamp));
}

// Only Chromium has streams to which a test can write frames.
describeInBrowsers(
  'frames',
  (context) => {
    it('keep their format, size and time', (test) =>
      withStream(
        context,
        { transport: 'window-streams', background: green },
        async (page) => {
          while (!(await page.call('happened', 'ready'))) {
            await page.call('writeFrames', { format: 'I420', width, height }, 5);
          }
          for (const [title, [frame, format, size]] of Object.entries(cases)) {
            await test.test(title, async () => {
              for (const each of await processed(page, frame)) {
                assert.ok(isNear(each, greenColour, 8), `${each.colour}`);
                assert.deepEqual([each.width, each.height], size);
                if (format) assert.equal(each.format, format);
              }
            });
          }
          const times = (await page.call('allFrames')).map(({ timestamp }) => timestamp);
          assert.deepEqual(
            times,
            [...new Set(times)].sort((a, b) => a - b),
          );
        },
        { source: 'frames' },
      ));
  },
  ['chromium'],
);
