#!/usr/bin/env bash
# Expected: the fourth byte of a VideoFrame of format RGBX is padding, so 200, 100, 50, 0 is drawn and copied
# as the opaque 200, 100, 50, 255.
# Behaviour: it is taken for alpha. The pixel is clear where it is drawn, and black and clear where it is
# copied as RGBA.
# Seen with Chromium 156.0.8078.108 (Debian 12), puppeteer-core 24.43.1:
#   {"format":"RGBX","drawn":[0,0,0,0],"copied":[0,0,0,0]}
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
node "$here/in-page.mjs" chromium '\{"format":"RGBX","drawn":\[0,0,0,0\],"copied":\[0,0,0,0\]\}' <<'JS'
  const bytes = new Uint8Array(4 * 16 * 16).map((_, i) => [200, 100, 50, 0][i % 4]);
  const frame = new VideoFrame(bytes, { format: 'RGBX', codedWidth: 16, codedHeight: 16, timestamp: 0 });
  const context = new OffscreenCanvas(16, 16).getContext('2d');
  context.drawImage(frame, 0, 0);
  const drawn = [...context.getImageData(8, 8, 1, 1).data];
  const copy = new Uint8Array(4 * 16 * 16);
  await frame.copyTo(copy, { format: 'RGBA' });
  return { format: frame.format, drawn, copied: [...copy.subarray(0, 4)] };
JS
