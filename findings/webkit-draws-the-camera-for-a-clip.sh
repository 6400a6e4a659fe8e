#!/usr/bin/env bash
# Expected: createImageBitmap(video) has the picture of that video, whether or not the page has a camera's track.
# Behaviour: while a (mock) camera's track is live, the camera's picture is in about half of the bitmaps of a blue
# clip. Draws of a VideoFrame made of bytes go wrong at the same time, but one that is right says nothing about
# the bitmap beside it. drawImage(video), texImage2D, new VideoFrame(video) and createImageBitmap's options fare
# no better, and copyTo() of a clip's VideoFrame fails.
# Seen with WebKitGTK 2.50.6 (Debian 12: webkit2gtk-driver 2.50.6-1~deb12u2, xvfb, ffmpeg 7:5.1):
#   {"beside":"fewer","without":60}
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
ffmpeg -v error -f lavfi -i color=c=0x2040c0:s=320x240:r=30:d=1 -c:v libvpx clip.webm
{
  echo "const clip = 'data:video/webm;base64,$(base64 -w 0 clip.webm)';"
  cat <<'JS'
  const video = Object.assign(document.createElement('video'), { muted: true, loop: true });
  video.src = URL.createObjectURL(await (await fetch(clip)).blob());
  await video.play();
  const context = new OffscreenCanvas(8, 6).getContext('2d', { willReadFrequently: true });
  const isBlue = (bitmap) => {
    context.drawImage(bitmap, 0, 0, 8, 6);
    const { data } = context.getImageData(0, 0, 8, 6);
    return data.every((value, i) => Math.abs(value - [0x20, 0x40, 0xc0, 255][i % 4]) < 24);
  };
  const takeBitmaps = async () => {
    let right = 0;
    for (let count = 0; count < 60; ++count) {
      const bitmap = await createImageBitmap(video);
      if (isBlue(bitmap)) ++right;
      bitmap.close();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return right;
  };
  const without = await takeBitmaps();
  globalThis.camera = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 240 } });
  const beside = await takeBitmaps();
  return { without, beside: beside < 60 ? 'fewer' : beside };
JS
} | node "$here/in-page.mjs" webkit '\{"beside":"fewer","without":60\}'
