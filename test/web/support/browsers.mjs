// One interface to headless Chromium and Firefox, and to WebKitGTK, each with a camera and the permission to
// use it.
import { existsSync } from 'node:fs';
import puppeteer from 'puppeteer-core';
import { softwareGpu as swiftShader, tellsOfOpenFrame } from './browser.mjs';
import { launchWebKit, withoutWebKit } from './webkit.mjs';

const launches = {
  chromium: {
    browser: 'chrome',
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
    ],
  },
  firefox: {
    browser: 'firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.autoplay.default': 0,
    },
  },
};

/** Options that give each browser WebGL without a GPU. */
const withGpu = {
  chromium: { args: swiftShader },
  firefox: { extraPrefsFirefox: { 'webgl.force-enabled': true, 'webgl.disabled': false } },
};

export const browserNames = Object.keys(launches);

/** For a test's `skip`: false, or what is missing. */
export function withoutBrowser(name) {
  if (name === 'webkit') return withoutWebKit();
  const { executablePath } = launches[name];
  return existsSync(executablePath) ? false : `${executablePath} is missing`;
}

/** A page whose functions are called by name. */
class Page {
  /** Uncaught errors, and errors and warnings of the console. */
  problems = [];

  constructor(page) {
    this.page = page;
    page.on('pageerror', (error) => this.problems.push(error.message));
    page.on('console', (message) => {
      const isProblem = ['error', 'warn'].includes(message.type());
      if (isProblem && !tellsOfOpenFrame(message.text())) this.problems.push(message.text());
    });
  }

  /** The result of `globalThis.inPage[name](...args)`. */
  call(name, ...args) {
    return this.page.evaluate((name, args) => globalThis.inPage[name](...args), name, args);
  }

  /** Opens another tab before this one. */
  async hide() {
    const other = await this.page.browser().newPage();
    await other.bringToFront();
    return other;
  }

  close() {
    return this.page.close();
  }
}

class Browser {
  constructor(browser) {
    this.browser = browser;
  }

  async open(address) {
    const page = new Page(await this.browser.newPage());
    await page.page.goto(address);
    return page;
  }

  close() {
    return this.browser.close();
  }
}

/**
 * @param {{ gpu?: boolean, features?: string[] }} options `gpu`: with WebGL in software, where the browser
 *   supports it; `features`: WebKit's
 */
export async function launchBrowser(name, { gpu = false, features } = {}) {
  if (name === 'webkit') return launchWebKit({ features });
  const { args = [], extraPrefsFirefox, ...launch } = launches[name];
  const more = gpu ? withGpu[name] : {};
  const browser = await puppeteer.launch({
    ...launch,
    args: [...args, ...(more.args ?? [])],
    extraPrefsFirefox: { ...extraPrefsFirefox, ...more.extraPrefsFirefox },
    headless: true,
  });
  return new Browser(browser);
}
