#!/usr/bin/env bash
# Expected: requestVideoFrameCallback calls about 30 times a second for a canvas that is drawn as often, with
# a media time that rises.
# Behaviour: it calls once or twice in three seconds, with the media time 30 or 60; currentTime rises.
# Seen with WebKitGTK 2.50.6 (Debian 12: webkit2gtk-driver 2.50.6-1~deb12u2, xvfb), in three runs:
#   {"calls":"fewer than 10","currentTime":true,"times":[60,30]}
#   {"calls":"fewer than 10","currentTime":true,"times":[30]}
#   {"calls":"fewer than 10","currentTime":true,"times":[60,30]}
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
node "$here/in-page.mjs" webkit '\{"calls":"fewer than 10","currentTime":true,.*\}' <<'JS'
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  setInterval(() => context.fillRect(0, 0, 300, Math.random() * 150), 33);
  const video = document.createElement('video');
  video.srcObject = canvas.captureStream();
  const times = [];
  const note = (_, { mediaTime }) => {
    times.push(mediaTime);
    video.requestVideoFrameCallback(note);
  };
  video.requestVideoFrameCallback(note);
  await video.play();
  await new Promise((resolve) => setTimeout(resolve, 3000));
  return { calls: times.length < 10 ? 'fewer than 10' : times.length, times: times.slice(0, 5), currentTime: video.currentTime > 1 };
JS
