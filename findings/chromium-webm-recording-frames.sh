#!/usr/bin/env bash
# Expected: `ffmpeg -i recording.webm -f rawvideo -` gives the frames that MediaRecorder has recorded.
# Behaviour: the file tells no frame rate. ffmpeg guesses one from the first times, which differ from recording to
# recording, and repeats frames to keep it: twice as many where it takes the rate for 60, and one for each millisecond
# where it finds none. `-fps_mode passthrough` gives the frames of the file.
# Seen with Chromium 156.0.8078.108 and ffmpeg 5.1.9 (Debian 12), puppeteer-core 24.43.1, canvases drawn at an uneven
# pace for 2 s; the second line in one of five runs:
#   webm: 55 packets, 109 frames, 55 with passthrough
#   webm: 53 packets, 1996 frames, 53 with passthrough
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
node "$here/in-page.mjs" chromium '\{"webm":".+"\}' >recording.txt <<'JS'
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  let drawn = 0;
  // A camera in poor light has no even pace either.
  const draw = () => {
    context.fillRect(0, 0, ++drawn, 9);
    setTimeout(draw, [21, 37, 52][drawn % 3]);
  };
  draw();
  const recorder = new MediaRecorder(canvas.captureStream(), { mimeType: 'video/webm;codecs=vp8' });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  recorder.start();
  await new Promise((resolve) => setTimeout(resolve, 2000));
  recorder.stop();
  await new Promise((resolve) => (recorder.onstop = resolve));
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return { webm: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')) };
JS
sed -n 's/.*"webm":"\([^"]*\)".*/\1/p' recording.txt | base64 -d >recording.webm
frames() { # OPTION...: of 4 bytes each
  ffmpeg -v fatal -i recording.webm -vf scale=2:2 "$@" -f rawvideo -pix_fmt gray - | wc -c | awk '{ print $1 / 4 }'
}
count=$(ffprobe -v error -count_packets -show_entries stream=nb_read_packets -of csv=p=0 recording.webm)
all=$(frames) own=$(frames -fps_mode passthrough)
printf 'webm: %s packets, %s frames, %s with passthrough\n' "$count" "$all" "$own"
((own == count && 2 * all > 3 * count))
