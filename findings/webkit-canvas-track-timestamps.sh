#!/usr/bin/env bash
# Expected: the frames of a canvas's track have times that rise, with captureStream() and captureStream(30).
# Behaviour: with a rate, each frame of a MediaStreamTrackProcessor has the time -2^63, which the constructor
# of another VideoFrame does not take.
# Seen with WebKitGTK 2.50.6 (Debian 12: webkit2gtk-driver 2.50.6-1~deb12u2, xvfb), with the feature
# MediaStreamTrackProcessing:
#   {"at30":[-9223372036854776000,-9223372036854776000,-9223372036854776000,-9223372036854776000,
#   -9223372036854776000],"drawn":[16666,33333,50000,66666,83333]}
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
node "$here/in-page.mjs" webkit '\{"at30":\[(-9223372036854776000,?){5}\],"drawn":\[16666,.*\]\}' <<'JS'
  const read = `onmessage = async ({ data: track }) => {
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
    const times = [];
    while (times.length < 5) { const { value } = await reader.read(); times.push(value.timestamp); value.close(); }
    postMessage(times);
  }`;
  const timesOf = async (rate) => {
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d');
    setInterval(() => context.fillRect(0, 0, 300, Math.random() * 150), 33);
    const [track] = canvas.captureStream(rate).getVideoTracks();
    const worker = new Worker(URL.createObjectURL(new Blob([read])));
    worker.postMessage(track, [track]);
    return new Promise((resolve) => { worker.onmessage = ({ data }) => resolve(data); });
  };
  return { drawn: await timesOf(), at30: await timesOf(30) };
JS
