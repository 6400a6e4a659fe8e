// A person on the left of a room, as the samples of frames of all formats.

export const personColour = [224, 16, 16];
export const roomColour = [16, 32, 224];

/** Weights of red and blue in luma. */
const lumaWeights = { bt709: [0.2126, 0.0722], 'bt2020-ncl': [0.2627, 0.0593] };

function yuv([red, green, blue], { matrix, fullRange = false } = {}) {
  const [r, b] = lumaWeights[matrix] ?? [0.299, 0.114];
  const luma = (r * red + (1 - r - b) * green + b * blue) / 255;
  const cb = (blue / 255 - luma) / (2 * (1 - b));
  const cr = (red / 255 - luma) / (2 * (1 - r));
  const [offset, lumaRange, chromaRange] = fullRange ? [0, 255, 255] : [16, 219, 224];
  return [offset + lumaRange * luma, 128 + chromaRange * cb, 128 + chromaRange * cr];
}

/** How many pixels share a sample of chroma, across and down. */
const subsampling = { I420: [2, 2], NV12: [2, 2], I422: [2, 1], I444: [1, 1] };

/**
 * @param {{ format: string, width: number, height: number, colorSpace?: object, upperAlpha?: number,
 *   premultiplied?: boolean, fourth?: number, room?: 'everywhere' }} frame `upperAlpha`: of the upper
 *   half, 255 if it isn't given; `premultiplied`: the colours of RGBA and BGRA are; `fourth`: the
 *   fourth byte of RGBX and BGRX
 */
export function samplesOf({
  format,
  width,
  height,
  colorSpace,
  upperAlpha = 255,
  premultiplied,
  fourth = 255,
  room,
}) {
  const isPerson = (x) => !room && 2 * x < width;
  const alphaAt = (y) => (2 * y < height ? upperAlpha : 255);
  if (/^(RGB|BGR)/.test(format)) {
    const order = format.startsWith('BGR') ? [2, 1, 0] : [0, 1, 2];
    return Uint8Array.from({ length: 4 * width * height }, (_, i) => {
      const [x, y] = [(i >> 2) % width, Math.floor((i >> 2) / width)];
      if ((i & 3) === 3) return format.endsWith('X') ? fourth : alphaAt(y);
      const value = (isPerson(x) ? personColour : roomColour)[order[i & 3]];
      return premultiplied ? (value * alphaAt(y)) / 255 : value;
    });
  }
  const bits = Number(/P(\d+)$/.exec(format)?.[1] ?? 8);
  const [acrossPixels, downPixels] = subsampling[format.slice(0, 4)];
  const [person, behind] = [personColour, roomColour].map((colour) => yuv(colour, colorSpace));
  const plane = (channel, across, down) => {
    const [columns, rows] = [Math.ceil(width / across), Math.ceil(height / down)];
    return Array.from({ length: columns * rows }, (_, i) =>
      channel < 0
        ? alphaAt(Math.floor(i / columns))
        : (isPerson(across * (i % columns)) ? person : behind)[channel],
    );
  };
  const luma = plane(0, 1, 1);
  const [cb, cr] = [1, 2].map((channel) => plane(channel, acrossPixels, downPixels));
  const samples =
    format === 'NV12' ? [luma, cb.flatMap((value, i) => [value, cr[i]])] : [luma, cb, cr];
  if (format[4] === 'A') samples.push(plane(-1, 1, 1));
  const all = samples.flat().map((value) => Math.round(value * 2 ** (bits - 8)));
  return bits === 8 ? Uint8Array.from(all) : Uint16Array.from(all);
}

/** Pixels of a grid, without those beside the borders of person, room and upper half. */
export function placesOfGrid(width, height) {
  const places = [0.03, 0.2, 0.36, 0.64, 0.8, 0.97];
  return places.flatMap((y) => places.map((x) => [Math.floor(x * width), Math.floor(y * height)]));
}
