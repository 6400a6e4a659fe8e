// Frames of the room in all formats of cameras and decoders.
import { drawRoom } from './in-page-source.mjs';

/** Weights of red, green and blue in luma: ITU-R BT.601 and BT.709. */
const lumaWeights = { smpte170m: [0.299, 0.587, 0.114], bt709: [0.2126, 0.7152, 0.0722] };

/** Y, Cb and Cr of a pixel, 8 bits each. */
function yuv([red, green, blue], { matrix = 'smpte170m', fullRange = false }) {
  const [r, g, b] = lumaWeights[matrix];
  const luma = (r * red + g * green + b * blue) / 255;
  const cb = (blue / 255 - luma) / (2 * (1 - b));
  const cr = (red / 255 - luma) / (2 * (1 - r));
  const [offset, lumaRange, chromaRange] = fullRange ? [0, 255, 255] : [16, 219, 224];
  return [offset + lumaRange * luma, 128 + chromaRange * cb, 128 + chromaRange * cr];
}

function packed({ width, height, data }, format) {
  const order = format.startsWith('BGR') ? [2, 1, 0, 3] : [0, 1, 2, 3];
  return Uint8Array.from({ length: 4 * width * height }, (_, i) => data[(i & ~3) + order[i & 3]]);
}

/** Planes of a picture with 4:2:0 chroma: Y, Cb, Cr and, if asked for, A. */
function planar({ width, height, data }, format, colorSpace) {
  const [chromaWidth, chromaHeight] = [(width + 1) >> 1, (height + 1) >> 1];
  const at = (x, y) => yuv(data.subarray(4 * (y * width + x)), colorSpace);
  const luma = Array.from({ length: width * height }, (_, i) => at(i % width, (i / width) | 0)[0]);
  const chroma = Array.from({ length: chromaWidth * chromaHeight }, (_, i) =>
    at(2 * (i % chromaWidth), 2 * ((i / chromaWidth) | 0)),
  );
  const cb = chroma.map(([, value]) => value);
  const cr = chroma.map(([, , value]) => value);
  const planes =
    format === 'NV12' ? [luma, cb.flatMap((value, i) => [value, cr[i]])] : [luma, cb, cr];
  if (format === 'I420A') planes.push(luma.map(() => 255));
  return Uint8ClampedArray.from(planes.flat());
}

/** Returns a function that makes this frame with a given timestamp. */
export function frameMaker({ format, width, height, colorSpace = {}, ...init }) {
  const context = new OffscreenCanvas(width, height).getContext('2d');
  drawRoom(context, 0);
  const pixels = context.getImageData(0, 0, width, height);
  const isPacked = /^(RGB|BGR)/.test(format);
  const bytes = isPacked ? packed(pixels, format) : planar(pixels, format, colorSpace);
  const size = { codedWidth: width, codedHeight: height };
  return (timestamp) =>
    new VideoFrame(bytes, {
      format,
      ...size,
      ...init,
      timestamp,
      ...(!isPacked && { colorSpace: { matrix: 'smpte170m', fullRange: false, ...colorSpace } }),
    });
}
