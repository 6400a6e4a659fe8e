// Networks without a reference output, compared with @litertjs/core in headless Chromium.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { models, pathOf } from '../../web/package/bin/models.mjs';
import { launchBrowser, withoutBrowser } from './support/browsers.mjs';
import { folders } from './support/folders.mjs';
import { goldenFiles, photos } from './support/golden.mjs';
import { serve } from './support/server.mjs';

const variants = ['scalar', 'simd', 'relaxed'];
const compared = models.filter(({ id }) => ['selfie-multiclass', 'mlkit-2023'].includes(id));

describe('answers as LiteRT.js does', { skip: withoutBrowser('chromium') }, () => {
  let server, browser, page;

  before(async () => {
    const files = compared.filter(pathOf).map((model) => [`/models/${model.file}`, pathOf(model)]);
    const mounts = {
      ...Object.fromEntries(files),
      '/litert/': join(folders.root, 'node_modules/@litertjs'),
      '/golden/': folders.golden,
    };
    server = await serve({ ...mounts, '/': folders.root });
    browser = await launchBrowser('chromium');
    page = await browser.open(`${server.address}/test/web/support/litert.html`);
    await page.page.waitForFunction(() => globalThis.inPage);
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });

  for (const model of compared) {
    const skip = pathOf(model) ? false : `no ${model.file}`;
    it(model.id, { skip, timeout: 300_000 }, async () => {
      const inputs = photos
        .map((photo) => goldenFiles(model, photo).input)
        .filter((name) => existsSync(join(folders.golden, name)))
        .map((name) => `/golden/${name}`);
      const wrong = await page.call('compare', model, variants, inputs);
      for (const variant of variants) {
        assert.deepEqual(wrong[variant], Array(inputs.length + 1).fill(''), variant);
      }
    });
  }
});
