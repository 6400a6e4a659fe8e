// A person before a loud room, and whether a picture shows that room.
import assert from 'node:assert/strict';

import { ffmpeg } from '../clips.mjs';

/** The room is green, which neither the person nor the background has. */
const room = 'color=c=0x00ff00:s=640x360:r=30';

/** A clip of a portrait in the right half of the room. */
export function makeClip(path, portrait, seconds = 2) {
  const filter =
    '[1:v]scale=-2:360,setsar=1[person];' +
    `[0:v][person]overlay=x=W-w:y=0,trim=duration=${seconds},format=yuv420p`;
  const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '12', '-g', '15'];
  ffmpeg(
    ...['-f', 'lavfi', '-i', room, '-loop', '1', '-i', portrait],
    ...['-filter_complex', filter, '-t', `${seconds}`, ...codec, path],
  );
}

/** How raw frames of a format and size lie in memory: bytes, and where luma, U and V are. */
const layouts = {
  I420: (width, height) => ({
    bytes: (width * height * 3) / 2,
    luma: (x, y) => y * width + x,
    chroma: (x, y) => {
      const at = width * height + ((y >> 1) * width) / 2 + (x >> 1);
      return [at, at + (width * height) / 4];
    },
  }),
  NV12: (width, height) => ({
    bytes: (width * height * 3) / 2,
    luma: (x, y) => y * width + x,
    chroma: (x, y) => {
      const at = width * height + (y >> 1) * width + (x >> 1) * 2;
      return [at, at + 1];
    },
  }),
  YUY2: (width, height) => ({
    bytes: width * height * 2,
    luma: (x, y) => 2 * (y * width + x),
    chroma: (x, y) => {
      const at = 2 * (y * width + (x & ~1));
      return [at + 1, at + 3];
    },
  }),
};

/** What frames of raw video show: the shares of the room's green and of a blue background. */
export function judge(bytes, format, width, height) {
  const layout = layouts[format](width, height);
  const frames = Math.floor(bytes.length / layout.bytes);
  const step = 4;
  return Array.from({ length: frames }, (_, frame) => {
    const base = frame * layout.bytes;
    let green = 0;
    let blue = 0;
    let light = 0;
    let all = 0;
    for (let y = 0; y < height; y += step) {
      for (let x = 0; x < width; x += step) {
        const [u, v] = layout.chroma(x, y).map((at) => bytes[base + at]);
        ++all;
        if (u < 90 && v < 80) ++green;
        else if (u > 200) ++blue;
        else if (bytes[base + layout.luma(x, y)] > 90) ++light;
      }
    }
    return { green: green / all, blue: blue / all, light: light / all };
  });
}

/** No frame shows the room, not even a part of it. Returns how many show the person. */
export function assertNoRoom(frames) {
  for (const [index, { green }] of frames.entries()) {
    assert.ok(green < 0.01, `frame ${index} of ${frames.length} shows the room: ${green}`);
  }
  return frames.filter(({ blue, light }) => blue > 0.3 && light > 0.05).length;
}
