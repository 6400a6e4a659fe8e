// Headless Chromium for tests.
import { chromium } from 'playwright-core';

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
