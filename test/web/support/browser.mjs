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
 * Whether Chromium complains of a frame left open in the page. It pulls one there itself, and loses
 * it, when the Worker that it hands a track's stream to is late to take it. Frames of the package's
 * own that are left open are counted by open-frames.mjs, which sees those in Workers, too.
 */
export const tellsOfOpenFrame = (message) =>
  message.includes('VideoFrame was garbage collected without being closed');

/**
 * @param {{ camera?: string, flags?: string[] }} options `camera` is an .mjpeg that plays the camera's
 *   part, with the permission to use it
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
