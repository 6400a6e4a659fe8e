// Takes screenshots of the page into build/screenshots, for review by eye.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch, softwareGpu } from './browser.mjs';
import { cameraCodec, makeClip } from './clips.mjs';
import { folders } from './folders.mjs';
import { serve } from './server.mjs';

const viewports = {
  desktop: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
};

const nothing = async () => {};

/** Starts a call, and waits some seconds for the chart. */
async function callAndWait(page) {
  for (const name of ['Performance', 'Loop-back call', 'Engine', 'Mask']) {
    await page.getByRole('heading', { name }).click();
  }
  await page.getByRole('button', { name: 'Start the call' }).click();
  await page.getByText(/× .* frames a second/).waitFor();
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForTimeout(12_000);
}

async function unfoldMask(page) {
  await page.getByRole('heading', { name: 'Mask' }).click();
}

async function unfoldModel(page) {
  await page.getByRole('heading', { name: 'Engine' }).click();
  await page.getByText('The model’s input and output').click();
}

async function benchmark(page) {
  await page.getByRole('heading', { name: 'Benchmark' }).click();
  await page.getByRole('button', { name: 'Run the benchmark' }).click();
  await page.getByRole('button', { name: 'Copy as Markdown' }).waitFor({ timeout: 300_000 });
}

/** The views: viewport, theme, settings in the address, and an action. */
const views = [
  ['desktop', 'light', 'background=dunes', nothing],
  ['desktop', 'dark', 'background=blur&view=result', nothing],
  ['phone', 'light', 'background=loft', nothing],
  ['phone', 'dark', 'background=transparent', nothing],
  ['desktop', 'light', 'source=camera&background=dunes&split=35', callAndWait],
  ['desktop', 'dark', 'source=camera&background=transparent&pipeline=canvas2d', callAndWait],
  ['desktop', 'light', 'background=loft&pipeline=webgl2', unfoldMask],
  ['desktop', 'light', 'background=dunes&model=selfie-multiclass', unfoldModel],
  ['phone', 'dark', 'background=paper&model=bodypix&size=320x180', unfoldModel],
  ['phone', 'light', 'source=camera&background=blur', callAndWait],
  ['desktop', 'light', 'background=mist&frames=3', benchmark],
];

async function photograph(browser, address, [viewport, colorScheme, settings, action]) {
  const page = await browser.newPage({ viewport: viewports[viewport], colorScheme });
  await page.goto(`${address}/#${settings}`);
  await page.locator('#state[data-kind=ready]').waitFor();
  await action(page);
  await page.waitForTimeout(500);
  const name = `${viewport}-${colorScheme}-${settings.replaceAll(/[=&]/g, '-')}`;
  for (const fullPage of [false, true]) {
    const path = join(folders.screenshots, `${name}${fullPage ? '-whole' : ''}.png`);
    await page.screenshot({ path, fullPage });
    console.log(path);
  }
  await page.close();
}

mkdirSync(folders.screenshots, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'backdrop-'));
const camera = join(folder, 'camera.mjpeg');
makeClip(camera, cameraCodec);
const server = await serve({ '/': folders.demo });
const browser = await launch({ camera, flags: softwareGpu });
const only = process.argv[2] ?? '';
for (const view of views.filter((each) => each.join().includes(only))) {
  await photograph(browser, server.address, view);
}
await browser.close();
server.close();
rmSync(folder, { recursive: true });
