// Headless Chromium and Firefox for tests.
import { fileURLToPath } from 'node:url';
import { chromium, firefox } from 'playwright-core';

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** WebGL without a GPU. */
export const softwareGpu = [
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];

/**
 * Whether the message is Chromium's warning of a frame left open in the page. Chromium causes it itself:
 * when a Worker is late to receive a track's stream, Chromium reads a frame in the page and loses it.
 * open-frames.mjs counts the package's own open frames, in Workers, too.
 */
export const tellsOfOpenFrame = (message) =>
  message.includes('VideoFrame was garbage collected without being closed');

/** Firefox with a camera, a clipboard and the permission to use both. */
export const launchFirefox = (preferences = {}) =>
  firefox.launch({
    channel: 'moz-firefox',
    executablePath: fileURLToPath(new URL('firefox.mjs', import.meta.url)),
    firefoxUserPrefs: {
      'dom.events.testing.asyncClipboard': true,
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      ...preferences,
    },
  });

/**
 * @param {{ camera?: string, flags?: string[] }} options `camera` is an .mjpeg file that is played as the
 *   camera, with the permission to use it
 */
export function launch({ camera, flags: more = [] } = {}) {
  const cameraFlags = camera
    ? [
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        `--use-file-for-fake-video-capture=${camera}`,
      ]
    : [];
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [...flags, ...cameraFlags, ...more],
  });
}
