// Browsers read the virtual camera of `backdrop camera` through the camera portal, as on a desktop:
// the person is there, and the room is not.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium, firefox } from 'playwright-core';

import { withoutFfmpeg } from '../../cli/clips.mjs';
import { makeClip } from '../../cli/camera/room.mjs';
import { Session, until, withoutSession } from '../../cli/camera/session.mjs';

const fromRoot = (path) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const support = (name) => fromRoot(`test/web/support/${name}`);
const binary = process.env.BACKDROP_BINARY ?? fromRoot('build/native/apps/cli/backdrop');
const portrait = fromRoot('build/media/grace_hopper.jpg');
const portal = '/usr/libexec/xdg-desktop-portal';
const store = '/usr/libexec/xdg-permission-store';
const hasGi = spawnSync('/usr/bin/python3', ['-c', 'import gi'], { stdio: 'ignore' }).status === 0;

function reasonToSkip() {
  if (withoutSession || withoutFfmpeg) return withoutSession || withoutFfmpeg;
  const missing = [binary, portrait, portal, store].find((path) => !existsSync(path));
  if (missing) return `there is no ${missing}`;
  return hasGi ? false : 'Python has no gi';
}

/** Runs in the page: what the frames of the camera `label` show, as shares of their pixels. */
async function watch({ label, count }) {
  const opened = await navigator.mediaDevices.getUserMedia({ video: true });
  opened.getTracks().forEach((track) => track.stop());
  const devices = await navigator.mediaDevices.enumerateDevices();
  const device = devices.find((one) => one.kind === 'videoinput' && one.label.includes(label));
  if (!device) throw new Error(`no ${label} among ${devices.map((one) => one.label)}`);
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { deviceId: { exact: device.deviceId } },
  });
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = stream;
  await video.play();
  const canvas = new OffscreenCanvas(160, 90);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const frames = [];
  while (frames.length < count) {
    await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    context.drawImage(video, 0, 0, 160, 90);
    const { data } = context.getImageData(0, 0, 160, 90);
    const shown = { green: 0, blue: 0, light: 0 };
    for (let i = 0; i < data.length; i += 4) {
      const [red, green, blue] = data.subarray(i, i + 3);
      if (green > 180 && red < 90 && blue < 90) shown.green += 4 / data.length;
      else if (blue > 150 && red < 90 && green < 90) shown.blue += 4 / data.length;
      else if (red + green + blue > 250) shown.light += 4 / data.length;
    }
    frames.push(shown);
  }
  stream.getTracks().forEach((track) => track.stop());
  return { frames, width: video.videoWidth, height: video.videoHeight };
}

describe('the virtual camera in browsers', { skip: reasonToSkip() }, () => {
  const session = new Session();
  const server = createServer((_request, response) => response.end('<!doctype html><title>Call'));
  before(async () => {
    await session.begin();
    const clip = join(session.folder, 'room.mkv');
    makeClip(clip, portrait);
    const portals = join(session.folder, 'portals');
    mkdirSync(portals);
    const name = 'DBusName=org.freedesktop.impl.portal.desktop.test';
    const rest = 'Interfaces=org.freedesktop.impl.portal.Access;\nUseIn=test\n';
    writeFileSync(join(portals, 'test.portal'), `[portal]\n${name}\n${rest}`);
    Object.assign(session.env, { XDG_CURRENT_DESKTOP: 'test', XDG_DESKTOP_PORTAL_DIR: portals });
    const size = ['--size', '640x360', '--model', 'selfie-landscape'];
    const models = process.env.BACKDROP_MODELS ?? fromRoot('build/models');
    session.start(binary, ['camera', ...size, '--from', clip, '--color', '#0000ff'], {
      env: { BACKDROP_MODELS: models },
    });
    const shows = () => session.run('wpctl', ['status']).stdout.includes('Backdrop');
    await until(shows, 'the camera');
    // The portal remembers whether there was a camera when it started.
    session.start(store, []);
    session.start('/usr/bin/python3', [support('camera-consent.py')]);
    await wait(500);
    session.start(portal, []);
    await wait(1000);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(async () => {
    server.close();
    await session.finish();
  });

  /** Browsers need some tries until they have found a camera. */
  async function watchIn(browser) {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    for (let tries = 8; ; --tries) {
      try {
        return await page.evaluate(watch, { label: 'Backdrop', count: 30 });
      } catch (error) {
        if (tries === 0) throw error;
        await wait(500);
      }
    }
  }

  function assertShows({ frames, width, height }) {
    assert.deepEqual([width, height], [640, 360]);
    assert.equal(frames.length, 30);
    const loud = frames.find(({ green }) => green > 0.01);
    assert.equal(loud, undefined, 'a frame shows the room');
    const persons = frames.filter(({ blue, light }) => blue > 0.3 && light > 0.05).length;
    assert.ok(persons > 20, `${persons} frames show the person`);
  }

  test('Chromium', async () => {
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      env: session.env,
      args: [
        ...['--headless', '--no-sandbox', '--disable-quic', '--no-first-run'],
        ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
        ...['--use-fake-ui-for-media-stream', '--enable-features=WebRtcPipeWireCamera'],
      ],
    });
    try {
      assertShows(await watchIn(browser));
    } finally {
      await browser.close();
    }
  });

  test('Firefox', async () => {
    const browser = await firefox.launch({
      channel: 'moz-firefox',
      executablePath: support('firefox.mjs'),
      env: session.env,
      firefoxUserPrefs: {
        'media.navigator.permission.disabled': true,
        'permissions.default.camera': 1,
        'media.webrtc.camera.allow-pipewire': true,
      },
    });
    try {
      assertShows(await watchIn(browser));
    } finally {
      await browser.close();
    }
  });
});
