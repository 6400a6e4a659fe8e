// Background pictures and videos, as a page loads them.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { browserNames, launchBrowser, withoutBrowser } from './support/browsers.mjs';
import { folders } from './support/folders.mjs';
import { serve } from './support/server.mjs';

const drawing = (size) => ({
  type: 'image/svg+xml',
  body: `<svg xmlns="http://www.w3.org/2000/svg" ${size}><rect width="100%" height="100%" fill="#0a0"/></svg>`,
});

/** Addresses, and the size of what is kept of them. */
const drawings = {
  '/sized.svg': [drawing('width="80" height="60"'), [1920, 1440]],
  '/large.svg': [drawing('width="8000" height="2000"'), [1920, 480]],
  '/unsized.svg': [drawing('viewBox="0 0 64 64" preserveAspectRatio="none"'), undefined],
};

/** A green picture in a small file: a bitmap of one bit a pixel. */
function bitmap(width, height) {
  const stride = 4 * Math.ceil(width / 32);
  const file = Buffer.alloc(62 + stride * height);
  file.write('BM');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(62, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(1, 28);
  file.set([0x00, 0xaa, 0x00, 0], 54);
  return { type: 'image/bmp', body: file };
}

for (const browserName of browserNames) {
  describe(`backgrounds in ${browserName}`, { skip: withoutBrowser(browserName) }, () => {
    let server, browser, page;

    before(async () => {
      const answers = {
        '/favicon.ico': { status: 204 },
        '/large.bmp': bitmap(12000, 3000),
        ...Object.fromEntries(Object.entries(drawings).map(([path, [answer]]) => [path, answer])),
      };
      server = await serve({ '/': folders.root }, { answers });
      browser = await launchBrowser(browserName);
      page = await browser.open(`${server.address}/test/web/support/blank.html`);
    });
    after(async () => {
      await browser?.close();
      server?.close();
    });

    for (const [path, [, size]] of Object.entries(drawings)) {
      it(`takes ${path}`, async () => {
        const { width, height, colour } = await page.call('loadedPicture', path);
        assert.deepEqual(colour, [0, 0xaa, 0, 255]);
        assert.equal(width, 1920);
        if (size) assert.deepEqual([width, height], size);
      });
    }

    it('shrinks a picture of 36 megapixels', async () => {
      const { width, height, colour } = await page.call('loadedPicture', '/large.bmp');
      assert.deepEqual([width, height], [2560, 640]);
      assert.deepEqual(colour, [0, 0xaa, 0, 255]);
    });

    for (const name of ['an element without an address', 'a silent track', 'an ended track']) {
      it(`gives up ${name} as a video`, { timeout: 20_000 }, async () => {
        const { code, message } = await page.call('videoProblem', name);
        assert.equal(code, 'picture');
        assert.match(message, /ended|no frame/);
      });
    }

    it('takes objects of another window', async () => {
      const problems = await page.call('problemsOfAnotherWindow');
      assert.deepEqual(
        Object.entries(problems).filter(([, problem]) => problem !== ''),
        [],
      );
    });
  });
}
