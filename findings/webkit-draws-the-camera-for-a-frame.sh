#!/usr/bin/env bash
# Expected: drawImage(videoFrame) draws the frame, whether or not the page plays a camera.
# Behaviour: while a video element plays the (mock) camera, the camera's picture is drawn in place of about
# 60 of 100 frames that were made of blue bytes. copyTo() gives the right bytes, and putImageData() draws
# them. Who draws processed frames shows the unprocessed camera.
# Seen with WebKitGTK 2.50.6 (Debian 12: webkit2gtk-driver 2.50.6-1~deb12u2, xvfb):
#   {"beside":"fewer","without":100}
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
node "$here/in-page.mjs" webkit '\{"beside":"fewer","without":100\}' <<'JS'
  const [width, height] = [320, 240];
  const bytes = new Uint8Array(4 * width * height).map((_, i) => [192, 64, 32, 255][i % 4]);
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  const drawBlue = async () => {
    let right = 0;
    for (let timestamp = 0; timestamp < 100; ++timestamp) {
      const frame = new VideoFrame(bytes, { format: 'BGRA', codedWidth: width, codedHeight: height, timestamp });
      context.drawImage(frame, 0, 0);
      frame.close();
      if (context.getImageData(160, 60, 1, 1).data[2] === 192) ++right;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return right;
  };
  const without = await drawBlue();
  const video = document.createElement('video');
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width, height } });
  await video.play();
  const beside = await drawBlue();
  return { without, beside: beside < 100 ? 'fewer' : beside };
JS
