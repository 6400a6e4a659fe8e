// Headless Chromium with pages in which in-page.mjs can be called.
import { launch } from '../../test/web/support/browser.mjs';
import { folders } from '../../test/web/support/folders.mjs';
import { serve } from '../../test/web/support/server.mjs';
import { models, pathOf } from '../../web/package/bin/models.mjs';
import { twinOf } from '../twins.mjs';
import { bundled } from './bundle.mjs';
import { mounts } from './peers.mjs';

// Isolated, a page gets threads, and a clock of 5 microseconds instead of 100.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export class BenchBrowser {
  constructor(browser, server) {
    this.browser = browser;
    this.server = server;
  }

  static async launch() {
    const files = models.filter(pathOf).map((model) => [`/models/${model.file}`, pathOf(model)]);
    const twins = models.filter(twinOf).map((model) => [`/twins/${model.id}.onnx`, twinOf(model)]);
    const server = await serve(
      {
        ...Object.fromEntries([...files, ...twins]),
        ...mounts,
        '/package/': bundled,
        '/': folders.root,
      },
      { headers },
    );
    return new BenchBrowser(await launch(), server);
  }

  /** Calls a function of in-page.mjs in a page of its own, of which nothing is cached. */
  async call(name, ...args) {
    const context = await this.browser.newContext();
    try {
      const page = await context.newPage();
      await page.goto(`${this.server.address}/bench/web/page.html`);
      await page.waitForFunction(() => globalThis.backdropBench);
      return await page.evaluate(
        ([name, args]) => globalThis.backdropBench[name](...args),
        [name, args],
      );
    } finally {
      await context.close();
    }
  }

  async close() {
    await this.browser.close();
    this.server.close();
  }
}
