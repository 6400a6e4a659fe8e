#!/usr/bin/env bash
# Expected: a <video> without sound plays in a hidden tab as it does in a shown one, only unseen: pages draw from it,
# and take its frames.
# Behaviour: it is paused. A tab that is hidden before its first play() loads no video at all. One that has played a
# video loads another and gets its first frame, but play() rejects with AbortError, and the video is paused. If a
# frame of it is taken then, it plays on after another play().
# Seen with Chromium 156.0.8078.108 (Debian 12), puppeteer-core 24.43.1:
#   {"hidden":true,"video":{"play":"pending","loaded":false,"paused":false}}
#   {"first":{"play":"plays","loaded":true,"paused":false},"hidden":true,"video":{"play":"AbortError","loaded":true,"paused":true,"again":"plays"}}
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
open=$(cat <<'JS'
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  const drawing = setInterval(() => context.fillRect(0, 0, performance.now() % 300, 9), 30);
  const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType: 'video/webm' });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  recorder.start();
  await sleep(2000);
  recorder.stop();
  await new Promise((resolve) => (recorder.onstop = resolve));
  clearInterval(drawing);
  const address = URL.createObjectURL(new Blob(parts, { type: 'video/webm' }));
  const open = async () => {
    const video = Object.assign(document.createElement('video'), { muted: true, loop: true, src: address });
    const seen = { play: 'pending' };
    video.play().then(() => (seen.play = 'plays'), ({ name }) => (seen.play = name));
    await sleep(4000);
    const loaded = video.readyState >= 2;
    const paused = video.paused;
    let again; // play() after a frame was taken
    if (loaded && paused) {
      (await createImageBitmap(video)).close();
      again = await video.play().then(() => 'plays', ({ name }) => name);
      await sleep(1000);
      again += video.paused ? ', paused' : '';
    }
    return { ...seen, loaded, paused, again };
  };
JS
)
hide='await hide(); await sleep(500);'
node "$here/in-page.mjs" chromium '\{"hidden":true,"video":\{"play":"pending","loaded":false,"paused":false\}\}' <<JS
  $open
  $hide
  return { hidden: document.hidden, video: await open() };
JS
node "$here/in-page.mjs" chromium \
  '\{"first":\{"play":"plays","loaded":true,"paused":false\},"hidden":true,"video":\{"play":"AbortError","loaded":true,"paused":true,"again":"plays"\}\}' <<JS
  $open
  const first = await open();
  $hide
  return { first, hidden: document.hidden, video: await open() };
JS
