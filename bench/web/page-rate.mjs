// Measures how fast the page is with BodyPix as the original demo runs it: a camera of 640x360, the
// network at half of that, and two threads, in headless Chromium without a GPU. PAGE_SECONDS is how
// long it is watched.
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { folders } from '../../test/web/support/folders.mjs';
import { serve } from '../../test/web/support/server.mjs';
import { models, pathOf } from '../../web/package/bin/models.mjs';
import { launchWithCamera } from './camera.mjs';
import { median, printTable } from '../report.mjs';

const seconds = Number(process.env.PAGE_SECONDS ?? 20);
const warmUpSeconds = 5;
const pipelines = ['engine', 'canvas2d'];
const settings =
  'source=camera&resolution=640x360&model=bodypix&size=320x180&threads=2&background=blur';

/** What the page shows, by its ids; each second it is something new. */
const shown = ['fps-in', 'fps-out', 'dropped', 'total', 'latency', 'governor'];

async function watch(address, pipeline) {
  const browser = await launchWithCamera();
  try {
    const page = await browser.newPage();
    await page.goto(`${address}/#${settings}&pipeline=${pipeline}`);
    await page.locator(':is([data-kind=ready], [data-kind=slow])#state').waitFor();
    await sleep(1000 * warmUpSeconds);
    const readings = [];
    for (let second = 0; second < seconds; ++second) {
      await sleep(1000);
      readings.push(
        await page.evaluate(
          (ids) => ids.map((id) => document.getElementById(id).textContent),
          shown,
        ),
      );
    }
    const state = await page.locator('#running').textContent();
    const network = await page.locator('#model-description').textContent();
    return { readings, state, network };
  } finally {
    await browser.close();
  }
}

function rowOf(pipeline, { readings, state, network }) {
  const number = (id) => median(readings.map((reading) => Number(reading[shown.indexOf(id)])));
  const last = readings.at(-1);
  return [
    pipeline,
    network,
    number('fps-in').toFixed(0),
    number('fps-out').toFixed(0),
    last[shown.indexOf('dropped')],
    number('total').toFixed(1),
    number('latency').toFixed(0),
    `${state} ${last[shown.indexOf('governor')]}`,
  ];
}

const model = models.find(({ id }) => id === 'bodypix');
if (!pathOf(model) || !existsSync(folders.demo)) {
  console.log(`bodypix is not installed, or ${folders.demo} not built: the page is skipped`);
  process.exit();
}
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
const server = await serve({ '/': folders.demo }, { headers });
try {
  const rows = [];
  for (const pipeline of pipelines)
    rows.push(rowOf(pipeline, await watch(server.address, pipeline)));
  printTable(
    `BodyPix in the page, a camera of 640x360 at 30 fps, two threads, no GPU: medians of ${seconds} s`,
    ['pipeline', 'network', 'fps in', 'fps out', 'dropped', 'ms a frame', 'ms in to out', 'state'],
    rows,
  );
} finally {
  server.close();
}
