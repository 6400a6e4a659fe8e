// Takes pictures of the page into build/screenshots, to be looked at.
import { mkdirSync } from 'node:fs';
import { launch } from './browser.mjs';
import { folders } from './folders.mjs';
import { serve } from './server.mjs';

const views = {
  desktop: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
};

async function photograph(browser, address, view, colorScheme, background) {
  const page = await browser.newPage({ viewport: views[view], colorScheme });
  await page.goto(address);
  await page.locator('#result-note:empty').waitFor({ state: 'attached' });
  await page.locator(`input[value=${background}]`).check();
  await page.waitForTimeout(500);
  const path = `${folders.screenshots}/${view}-${colorScheme}-${background}.png`;
  await page.screenshot({ path, fullPage: view === 'phone' });
  console.log(path);
  await page.close();
}

mkdirSync(folders.screenshots, { recursive: true });
const server = await serve({ '/': folders.demo });
const browser = await launch();
for (const view of Object.keys(views)) {
  await photograph(browser, server.address, view, 'light', 'loft');
  await photograph(browser, server.address, view, 'dark', 'blur');
}
await browser.close();
server.close();
