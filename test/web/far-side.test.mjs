// What the far side of a call and a recording show of a loud room: nothing, unless no background is asked for.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { countLoud, size } from './support/loud-room.mjs';
import { describeInBrowsers, modelOf } from './support/stream.mjs';

const mimeTypes = [
  'video/webm;codecs=vp8',
  'video/webm;codecs=vp9',
  'video/mp4;codecs=avc1.42E01E',
  'video/mp4;codecs=vp9',
];

function describeTours(browserName, transports, pipelines, settings) {
  describeInBrowsers(
    `the far side of ${pipelines}`,
    (context) => {
      for (const transport of transports) {
        for (const pipeline of pipelines) {
          it(`shows the room with no background only: ${transport}, ${pipeline}`, () =>
            tour(context, { model: modelOf(), transport, pipeline, mimeTypes }));
        }
      }
    },
    [browserName],
    settings,
  );
}

async function tour({ browser, server }, options) {
  const page = await browser.open(`${server.address}/test/web/support/far-side.html`);
  try {
    const { raw, recordings, control, types } = await page.call('tour', options);
    assert.ok(types.length > 0);
    for (const [background, count] of Object.entries(raw)) {
      assert.equal(count, 0, `frames of the call that show the room with ${background}`);
    }
    for (const [i, recording] of recordings.entries()) {
      const loud = loudIn(recording, types[i]);
      assert.ok(loud.length > 30, `${types[i]}: ${loud.length} frames`);
      const shown = loud.filter((pixels) => pixels > 0);
      assert.deepEqual(shown, [], `${types[i]}: of ${loud.length} frames`);
    }
    assert.ok(Math.max(...loudIn(control, types[0])) > 0, 'a recording can show the room');
  } finally {
    await page.close();
  }
}

/** The number of loud pixels in each frame of a recording, as players show it that know no alpha. */
function loudIn(recording, type) {
  const folder = mkdtempSync(join(tmpdir(), 'backdrop-'));
  const file = join(folder, 'recording');
  writeFileSync(file, Buffer.from(recording, 'base64'));
  const decoder = /vp[89]/.exec(type);
  const args = ['-v', 'error', ...(decoder ? ['-c:v', decoder[0]] : []), '-i', file];
  args.push(
    '-vf',
    `scale=${size.join(':')}`,
    '-fps_mode',
    'passthrough',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-',
  );
  const pixels = execFileSync('ffmpeg', args, { maxBuffer: 1 << 30 });
  rmSync(folder, { recursive: true });
  const frameBytes = 3 * size[0] * size[1];
  return Array.from({ length: pixels.length / frameBytes }, (_, frame) =>
    countLoud(pixels.subarray(frame * frameBytes, (frame + 1) * frameBytes), 3),
  );
}

describeTours('chromium', ['window-streams', 'canvas'], ['engine', 'canvas2d']);
describeTours('chromium', ['window-streams', 'canvas'], ['webgl2'], { gpu: true });
describeTours('firefox', ['canvas'], ['engine', 'canvas2d']);
