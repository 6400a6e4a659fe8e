#!/usr/bin/env bash
# Expected: of a recording by MediaRecorder `ffmpeg -f rawvideo` gives about as many frames as were recorded, in each
# container.
# Behaviour: the WebM files tell no frame rate, so ffmpeg takes the clock's, 1000 a second, and repeats frames until
# there is one for each millisecond: 33 times as many for a camera. `-fps_mode passthrough` gives those of the file.
# The MP4 files of the same recorder tell a rate.
# Seen with Chromium 156.0.8078.108 and ffmpeg 5.1.9 (Debian 12), puppeteer-core 24.43.1, 2 s at 30 frames a second:
#   webm: 60 packets, 1978 frames, 60 with passthrough
#   mp4: 61 packets, 61 frames, 61 with passthrough
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
node "$here/in-page.mjs" chromium '\{"webm":".+","mp4":".+"\}' >recordings.txt <<'JS'
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  let drawn = 0;
  setInterval(() => context.fillRect(0, 0, ++drawn, 9), 33);
  const record = async (mimeType) => {
    const recorder = new MediaRecorder(canvas.captureStream(), { mimeType });
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.start();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    recorder.stop();
    await new Promise((resolve) => (recorder.onstop = resolve));
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  };
  return { webm: await record('video/webm;codecs=vp8'), mp4: await record('video/mp4;codecs=vp9') };
JS
for container in webm mp4; do
  sed -n "s/.*\"$container\":\"\([^\"]*\)\".*/\1/p" recordings.txt | base64 -d >"recording.$container"
done
packets() {
  ffprobe -v error -count_packets -show_entries stream=nb_read_packets -of csv=p=0 "recording.$1"
}
frames() { # CONTAINER OPTION...: of 4 bytes each
  local container=$1
  shift
  ffmpeg -v fatal -i "recording.$container" -vf scale=2:2 "$@" -f rawvideo -pix_fmt gray - | wc -c | awk '{ print $1 / 4 }'
}
for container in webm mp4; do
  count=$(packets "$container") all=$(frames "$container") own=$(frames "$container" -fps_mode passthrough)
  printf '%s: %s packets, %s frames, %s with passthrough\n' "$container" "$count" "$all" "$own"
  ((own == count)) || exit 1
  if [[ $container == webm ]]; then ((all > 10 * count)); else ((all < 2 * count)); fi
done
