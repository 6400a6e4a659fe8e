#!/usr/bin/env bash
# Expected: ImageDecoder.decode() makes a new VideoFrame at each call, so that closing one leaves the next call's
# frame of the same index usable, as for an animation that is played in a loop.
# Behaviour: once a frame was closed, the next one of the same index resolves, but drawImage() refuses it as broken,
# also after reset(). A frame of another index, and one of a new decoder, can be drawn.
# Seen with Firefox 153.8.0 ESR (Debian 12: firefox-esr), puppeteer-core 24.43.1, ffmpeg 7:5.1; Chromium 156 draws all:
#   {"first":true,"other":true,"again":false,"afterReset":false,"ofNewDecoder":true}
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
ffmpeg -v error -f lavfi -i testsrc=s=32x24:r=10:d=0.3 animation.gif
{
  echo "const animation = 'data:image/gif;base64,$(base64 -w 0 animation.gif)';"
  cat <<'JS'
  const data = await (await fetch(animation)).arrayBuffer();
  const newDecoder = () => new ImageDecoder({ data, type: 'image/gif' });
  const context = new OffscreenCanvas(8, 6).getContext('2d');
  const isDrawn = async (decoder, frameIndex) => {
    const { image } = await decoder.decode({ frameIndex });
    try {
      context.drawImage(image, 0, 0);
      return true;
    } catch {
      return false;
    } finally {
      image.close();
    }
  };
  const decoder = newDecoder();
  await decoder.completed;
  const first = await isDrawn(decoder, 0);
  const other = await isDrawn(decoder, 1);
  const again = await isDrawn(decoder, 0);
  decoder.reset();
  const afterReset = await isDrawn(decoder, 0);
  const ofNewDecoder = await isDrawn(newDecoder(), 0);
  return { first, other, again, afterReset, ofNewDecoder };
JS
} | node "$here/in-page.mjs" firefox '\{"first":true,"other":true,"again":false,"afterReset":false,"ofNewDecoder":true\}'
