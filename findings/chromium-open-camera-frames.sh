#!/usr/bin/env bash
# Expected: a MediaStreamTrackProcessor with room for one frame drops older frames for newer ones, so a reader
# that keeps frames open gets every frame that it asks for, while memory lasts.
# Behaviour: a camera gives no further frame while two of its frames are open, to no processor of its track, though
# a <video> of the same track plays on. Once one is closed, the next frame comes. A canvas has no such limit.
# Seen with Chromium 156.0.8078.108 (Debian 12, its fake camera), puppeteer-core 24.43.1:
#   {"open":2,"other":false,"plays":true,"afterClose":true,"ofCanvas":8}
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
node "$here/in-page.mjs" chromium '\{"open":2,"other":false,"plays":true,"afterClose":true,"ofCanvas":8\}' <<'JS'
  const camera = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 240 } });
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  setInterval(() => context.fillRect(0, 0, performance.now() % 300, 9), 30);
  const readerOf = (track) => new MediaStreamTrackProcessor({ track, maxBufferSize: 1 }).readable.getReader();
  const within = (promise) => Promise.race([promise, new Promise((resolve) => setTimeout(resolve, 2000))]);
  const countOpen = async (track) => {
    const reader = readerOf(track);
    const frames = [];
    for (;;) {
      const next = reader.read();
      const answer = await within(next);
      if (!answer || frames.length === 8) return { frames, next };
      frames.push(answer.value);
    }
  };
  const [track] = camera.getVideoTracks();
  const { frames, next } = await countOpen(track);
  const other = await within(readerOf(track).read());
  const video = Object.assign(document.createElement('video'), { muted: true, srcObject: camera });
  await video.play();
  const plays = await within(new Promise((resolve) => video.requestVideoFrameCallback(() => resolve(true))));
  const open = frames.length;
  frames.shift().close();
  const afterClose = Boolean(await within(next));
  const ofCanvas = await countOpen(canvas.captureStream(30).getVideoTracks()[0]);
  return { open, other: Boolean(other), plays, afterClose, ofCanvas: ofCanvas.frames.length };
JS
