// Makes small PNG, JPEG and NPY files byte by byte, good ones and bad ones, and reads PNG pixels.
import { deflateSync, inflateSync } from 'node:zlib';

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function uint32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function pngChunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), Buffer.from(data)]);
  return Buffer.concat([uint32(data.length), body, uint32(crc32(body))]);
}

const beforePalette = new Set(['iCCP', 'sRGB', 'gAMA', 'cHRM']);

export const PngColor = { grey: 0, rgb: 2, palette: 3, greyAlpha: 4, rgba: 6 };

// Where each pass of an interlaced picture begins, and its steps: x, y, across, down.
const passesOfAdam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

// Samples of 1, 2 or 4 bits, the first one in a byte's high bits.
function packed(samples, depth) {
  const bytes = Array(Math.ceil((samples.length * depth) / 8)).fill(0);
  samples.forEach((sample, i) => {
    const bit = i * depth;
    bytes[bit >> 3] |= sample << (8 - depth - (bit & 7));
  });
  return bytes;
}

// `pixelAt(x, y)` answers the pixel's samples, as bytes where they have 8 or 16 bits; `chunks` are `[type, data]` and come
// before the pixels.
export function png({ color = PngColor.rgb, depth = 8, interlaced = false, pixelAt, ...options }) {
  const { width, height } = options;
  const rows = [];
  for (const [left, top, across, down] of interlaced ? passesOfAdam7 : [[0, 0, 1, 1]]) {
    if (left >= width) continue;
    for (let y = top; y < height; y += down) {
      const samples = [];
      for (let x = left; x < width; x += across) samples.push(...pixelAt(x, y));
      rows.push(0, ...(depth < 8 ? packed(samples, depth) : samples));
    }
  }
  return pngOf({ ...options, color, depth, interlaced }, deflateSync(Buffer.from(rows)));
}

export function pngOf(options, data) {
  const { width, height, color, depth, interlaced, palette, orientation, chunks = [] } = options;
  const header = [...uint32(width), ...uint32(height), depth, color, 0, 0, interlaced ? 1 : 0];
  // TIFF, big-endian: one directory of one entry, tag 0x0112, a SHORT.
  const exif = [77, 77, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation];
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    ...chunks.filter(([type]) => beforePalette.has(type)).map((chunk) => pngChunk(...chunk)),
    ...(palette ? [pngChunk('PLTE', palette.flat())] : []),
    ...chunks.filter(([type]) => !beforePalette.has(type)).map((chunk) => pngChunk(...chunk)),
    ...(orientation ? [pngChunk('eXIf', [...exif, 0, 0, 0, 0, 0, 0])] : []),
    pngChunk('IDAT', data),
    pngChunk('IEND', []),
  ]);
}

function paeth(left, up, corner) {
  const estimate = left + up - corner;
  const [toLeft, toUp, toCorner] = [left, up, corner].map((v) => Math.abs(estimate - v));
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

const predictors = [
  () => 0,
  (left) => left,
  (left, up) => up,
  (left, up) => (left + up) >> 1,
  paeth,
];

// Reads an 8-bit PNG that is not interlaced: its size and `at(x, y)`, the bytes of a pixel.
export function readPng(file) {
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  const channels = { 0: 1, 2: 3, 4: 2, 6: 4 }[file[25]];
  const parts = [];
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
    const data = file.subarray(at + 8, at + 8 + file.readUInt32BE(at));
    if (file.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(data);
  }
  const packed = inflateSync(Buffer.concat(parts));
  const stride = width * channels;
  const pixels = Buffer.alloc(stride * height);
  for (let y = 0; y < height; ++y) {
    const predict = predictors[packed[y * (stride + 1)]];
    for (let i = 0; i < stride; ++i) {
      const here = y * stride + i;
      const left = i < channels ? 0 : pixels[here - channels];
      const up = y === 0 ? 0 : pixels[here - stride];
      const corner = i < channels || y === 0 ? 0 : pixels[here - stride - channels];
      pixels[here] = packed[y * (stride + 1) + 1 + i] + predict(left, up, corner);
    }
  }
  const at = (x, y) => [...pixels.subarray(y * stride + x * channels).subarray(0, channels)];
  return { width, height, channels, at };
}

function segment(marker, data) {
  const length = data.length + 2;
  return [0xff, marker, length >> 8, length & 255, ...data];
}

// APP14: how Adobe's programs say that CMYK is inverted (transform 0), and YCCK (transform 2).
function adobeSegment(transform) {
  return segment(0xee, [...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, transform]);
}

function orientationSegment(orientation) {
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8];
  const entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
  return segment(0xe1, [...Buffer.from('Exif\0\0'), ...tiff, 0, 1, ...entry, 0, 0, 0, 0]);
}

class BitWriter {
  bytes = [];
  #pending = 0;
  #count = 0;

  write(value, bits) {
    for (let bit = bits - 1; bit >= 0; --bit) {
      this.#pending = (this.#pending << 1) | ((value >> bit) & 1);
      if (++this.#count === 8) this.#flush();
    }
  }

  finish() {
    while (this.#count > 0) this.write(1, 1);
    return this.bytes;
  }

  #flush() {
    this.bytes.push(this.#pending);
    if (this.#pending === 0xff) this.bytes.push(0);
    this.#pending = this.#count = 0;
  }
}

// JFIF's, with pixels per inch (unit 1) or centimetre (unit 2).
function densitySegment({ unit, across, down }) {
  const sides = [across >> 8, across & 255, down >> 8, down & 255];
  return segment(0xe0, [...Buffer.from('JFIF\0'), 1, 1, unit, ...sides, 0, 0]);
}

// A JPEG, baseline or progressive, whose blocks of 8x8 pixels have one colour each. `blockAt(x, y)`
// answers that colour's components: grey, YCbCr, CMYK or YCCK. `segments` are `[marker, data]`.
export function jpeg(options) {
  const { width, height, components, adobe, orientation, density, blockAt } = options;
  const { progressive = false, segments = [] } = options;
  const ids = Array.from({ length: components }, (_, index) => index + 1);
  const bits = new BitWriter();
  const previous = ids.map(() => 0);
  for (let y = 0; y < Math.ceil(height / 8); ++y) {
    for (let x = 0; x < Math.ceil(width / 8); ++x) {
      blockAt(x, y).forEach((value, component) => {
        const difference = value - 128 - previous[component];
        previous[component] = value - 128;
        const size = 32 - Math.clz32(Math.abs(difference));
        bits.write(size, 4);
        bits.write(difference < 0 ? difference + (1 << size) - 1 : difference, size);
        if (!progressive) bits.write(0, 1); // no more coefficients
      });
    }
  }
  const frame = [8, height >> 8, height & 255, width >> 8, width & 255, components];
  const dcCodes = [0, 0, 0, 9, ...Array(12).fill(0), 0, 1, 2, 3, 4, 5, 6, 7, 8];
  const acCodes = [1, ...Array(15).fill(0), 0];
  return Buffer.from([
    ...[0xff, 0xd8],
    ...(density ? densitySegment(density) : []),
    ...(orientation ? orientationSegment(orientation) : []),
    ...segments.flatMap(([marker, data]) => segment(marker, data)),
    ...(adobe === undefined ? [] : adobeSegment(adobe)),
    ...segment(0xdb, [0, ...Array(64).fill(8)]),
    ...segment(progressive ? 0xc2 : 0xc0, [...frame, ...ids.flatMap((id) => [id, 0x11, 0])]),
    ...segment(0xc4, [0x00, ...dcCodes]),
    ...segment(0xc4, [0x10, ...acCodes]),
    ...segment(0xda, [components, ...ids.flatMap((id) => [id, 0]), 0, progressive ? 0 : 63, 0]),
    ...bits.finish(),
    ...[0xff, 0xd9],
  ]);
}

// A .npy file with this header text and these bytes of data.
export function npyOf(header, data, version = 1) {
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUIntLE(header.length, 0, version === 1 ? 2 : 4);
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), version, 0]);
  return Buffer.concat([start, length, Buffer.from(header), data]);
}

export function npyHeader(type, shape) {
  return `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')}), }\n`;
}
