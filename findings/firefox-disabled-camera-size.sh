#!/usr/bin/env bash
# Expected: a camera's track that is disabled gives black frames of the camera's size.
# Behaviour: it gives a frame of 1x1, while the video element keeps its size.
# Seen with Firefox ESR 153.8.0 (Debian 12) and its fake camera, puppeteer-core 24.43.1:
#   {"before":["I420",640,480],"disabled":["I444",1,1],"size":[640,480]}
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
node "$here/in-page.mjs" firefox '\{"before":\["I420",640,480\],"disabled":\["I444",1,1\],"size":\[640,480\]\}' <<'JS'
  const camera = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
  const video = Object.assign(document.createElement('video'), { muted: true, srcObject: camera });
  await video.play();
  const sleep = (t) => new Promise((resolve) => setTimeout(resolve, t));
  const look = () => { const f = new VideoFrame(video); const d = [f.format, f.displayWidth, f.displayHeight]; f.close(); return d; };
  await sleep(500);
  const before = look();
  camera.getTracks()[0].enabled = false;
  await sleep(1500);
  return { before, disabled: look(), size: [video.videoWidth, video.videoHeight] };
JS
