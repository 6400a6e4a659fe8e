// The built page, as axe checks it: in both themes, wide and narrow, with all panels open.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { launch, launchFirefox } from './support/browser.mjs';
import { withoutBrowser } from './support/browsers.mjs';
import { folders } from './support/folders.mjs';
import { resultOf, withPage } from './support/page.mjs';
import { serve } from './support/server.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const portrait = join(folders.media, 'grace_hopper.jpg');
const skip = !existsSync(portrait) && `${portrait} is missing`;

const viewports = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };

/** Runs in the page: what axe finds, as the rule and the elements. */
async function findings() {
  const { violations, passes } = await globalThis.axe.run(document);
  return {
    found: violations.map(({ id, help, nodes }) => ({
      rule: `${id}: ${help}`,
      at: nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`),
    })),
    checked: passes.map(({ id }) => id),
  };
}

/** Firefox's driver emulates no theme. */
const themesOf = { chromium: ['light', 'dark'], firefox: ['light'] };

for (const [browserName, themes] of Object.entries(themesOf)) {
  describe(
    `the page in ${browserName}, by axe`,
    { skip: skip || withoutBrowser(browserName) },
    () => {
      let server, browser;

      before(async () => {
        server = await serve({ '/': folders.demo });
        browser = browserName === 'firefox' ? await launchFirefox() : await launch();
      });
      after(async () => {
        await browser?.close();
        server?.close();
      });

      for (const [name, viewport] of Object.entries(viewports)) {
        for (const colorScheme of themes) {
          it(`has nothing to mend: ${name}, ${colorScheme}`, () =>
            withPage(
              browser,
              server.address,
              async (page) => {
                await resultOf(page);
                await page.locator('details').evaluateAll((all) => {
                  for (const each of all) each.open = true;
                });
                await page.evaluate(axe);
                const { found, checked } = await page.evaluate(findings);
                assert.deepEqual(found, []);
                for (const rule of ['color-contrast', 'label', 'button-name']) {
                  assert.ok(checked.includes(rule), rule);
                }
              },
              // From the start: a change of theme takes a while.
              { viewport, colorScheme },
            ));
        }
      }
    },
  );
}
