#!/usr/bin/env bash
# Expected: a frame that is made with the colour space of a camera's frame, which is all nulls, is drawn as
# the camera's frame is, by BT.601.
# Behaviour: the constructor makes BT.709 of nulls, and other colours are drawn: 249, 137, 80 in place of
# 239, 129, 80. Whoever copies a camera's frame has to name smpte170m.
# Seen with Firefox ESR 153.8.0 (Debian 12) and its fake camera, puppeteer-core 24.43.1:
#   {"unsaid":["bt709",249,137,80],"nulls":["bt709",249,137,80],"smpte170m":["smpte170m",239,129,80],
#   "bt709":["bt709",249,137,80],"camera":["I420",null]}
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
node "$here/in-page.mjs" firefox '.*"nulls":\["bt709",249,137,80\],"smpte170m":\["smpte170m",239,129,80\].*"camera":\["I420",null\].*' <<'JS'
  const init = { format: 'I420', codedWidth: 16, codedHeight: 16, timestamp: 0 };
  const bytes = new Uint8Array(16 * 16 * 1.5).fill(150, 0, 256).fill(90, 256, 320).fill(180, 320);
  const looks = {};
  const spaces = { unsaid: undefined, nulls: { primaries: null, transfer: null, matrix: null, fullRange: null }, smpte170m: { primaries: 'smpte170m', transfer: 'smpte170m', matrix: 'smpte170m', fullRange: false }, bt709: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', fullRange: false } };
  for (const [name, colorSpace] of Object.entries(spaces)) {
    const frame = new VideoFrame(bytes, { ...init, ...(colorSpace && { colorSpace }) });
    const context = new OffscreenCanvas(16, 16).getContext('2d');
    context.drawImage(frame, 0, 0);
    looks[name] = [frame.colorSpace.matrix, ...context.getImageData(8, 8, 1, 1).data.subarray(0, 3)];
  }
  const camera = await navigator.mediaDevices.getUserMedia({ video: true });
  const video = Object.assign(document.createElement('video'), { muted: true, srcObject: camera });
  await video.play();
  const frame = new VideoFrame(video);
  looks.camera = [frame.format, frame.colorSpace.matrix];
  return looks;
JS
