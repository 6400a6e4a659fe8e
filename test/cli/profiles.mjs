// Makes ICC profiles byte by byte, puts them into pictures and finds them there, and converts colours
// as the profiles say.
import { deflateSync, inflateSync } from 'node:zlib';

const uint32 = (value) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
const text = (value) => [...Buffer.from(value, 'latin1')];
const fixed = (value) => uint32(Math.round(value * 65536));
const xyz = (values) => [...text('XYZ \0\0\0\0'), ...values.flatMap(fixed)];

const whiteD50 = [0.9642, 1, 0.8249];

/** A profile, version 2, from its tags' bytes: `[signature, data]`. */
export function profileOf({ space, kind = 'mntr', connection = 'XYZ ', tags }) {
  let offset = 128 + 4 + 12 * tags.length;
  const table = [...uint32(tags.length)];
  for (const [signature, data] of tags) {
    table.push(...text(signature), ...uint32(offset), ...uint32(data.length));
    offset += data.length;
  }
  const bytes = Buffer.concat([
    Buffer.from([...uint32(offset), 0, 0, 0, 0, 2, 0x10, 0, 0]),
    Buffer.from(text(`${kind}${space}${connection}`)),
    Buffer.alloc(12),
    Buffer.from('acsp'),
    Buffer.alloc(28),
    Buffer.from(whiteD50.flatMap(fixed)),
    Buffer.alloc(48),
    Buffer.from(table),
    ...tags.map(([, data]) => Buffer.from(data)),
  ]);
  return bytes;
}

const curve = (gamma) => [
  ...text('curv\0\0\0\0'),
  ...uint32(1),
  ...[Math.floor(gamma), Math.round((gamma % 1) * 256), 0, 0],
];

/** An RGB space: the XYZ of red, green and blue, adapted to D50. */
export function rgbProfile({ primaries, gamma, space = 'RGB ', kind, more = [] }) {
  return profileOf({
    space,
    kind,
    tags: [
      ['wtpt', xyz(whiteD50)],
      ...['rXYZ', 'gXYZ', 'bXYZ'].map((signature, i) => [signature, xyz(primaries[i])]),
      ...['rTRC', 'gTRC', 'bTRC'].map((signature) => [signature, curve(gamma)]),
      ...more,
    ],
  });
}

export const greyProfile = (gamma) =>
  profileOf({
    space: 'GRAY',
    tags: [
      ['wtpt', xyz(whiteD50)],
      ['kTRC', curve(gamma)],
    ],
  });

/** One whose lightness is that of black, and of the other inks' mean; without hue. */
export function cmykProfile() {
  const ramp = Array.from({ length: 256 }, (_, i) => i);
  const corners = Array.from({ length: 16 }, (_, i) => [i >> 3, (i >> 2) & 1, (i >> 1) & 1, i & 1]);
  const points = corners.flatMap(([c, m, y, k]) => [
    Math.round(255 * (1 - k) * (1 - (c + m + y) / 3)),
    128,
    128,
  ]);
  const matrix = [1, 0, 0, 0, 1, 0, 0, 0, 1].flatMap(fixed);
  const lut = [...text('mft1\0\0\0\0'), 4, 3, 2, 0, ...matrix];
  for (let i = 0; i < 4; ++i) lut.push(...ramp);
  lut.push(...points);
  for (let i = 0; i < 3; ++i) lut.push(...ramp);
  return profileOf({
    space: 'CMYK',
    kind: 'prtr',
    connection: 'Lab ',
    tags: [
      ['wtpt', xyz(whiteD50)],
      ['A2B0', lut],
    ],
  });
}

const power = (gamma) => ({
  gamma,
  decode: (value) => value ** gamma,
  encode: (light) => light ** (1 / gamma),
});

const tonesOfSrgb = {
  decode: (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4),
  encode: (light) => (light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055),
};

const primariesOfSrgb = [
  [0.4361, 0.2225, 0.0139],
  [0.3851, 0.7169, 0.0971],
  [0.1431, 0.0606, 0.7139],
];

export const spaces = {
  sRgb: { ...tonesOfSrgb, primaries: primariesOfSrgb },
  linear: { ...power(1), primaries: primariesOfSrgb },
  adobe: {
    ...power(563 / 256),
    primaries: [
      [0.6097, 0.3111, 0.0195],
      [0.2053, 0.6257, 0.0609],
      [0.1492, 0.0632, 0.7446],
    ],
  },
  displayP3: {
    ...power(563 / 256),
    primaries: [
      [0.5151, 0.2412, -0.0011],
      [0.292, 0.6922, 0.0419],
      [0.1571, 0.0666, 0.7841],
    ],
  },
};

/** What one space's values, 0 to 255, are in another. */
export function convert(rgb, from, to) {
  const light = rgb.map((value) => from.decode(value / 255));
  const mixed = [0, 1, 2].map((i) =>
    from.primaries.reduce((sum, primary, j) => sum + primary[i] * light[j], 0),
  );
  return solve(to.primaries, mixed).map((value) => 255 * to.encode(Math.max(0, value)));
}

/** The weights of three columns that give `wanted`, by Cramer's rule. */
function solve(columns, wanted) {
  const determinant = ([a, b, c]) =>
    a[0] * (b[1] * c[2] - b[2] * c[1]) -
    b[0] * (a[1] * c[2] - a[2] * c[1]) +
    c[0] * (a[1] * b[2] - a[2] * b[1]);
  return [0, 1, 2].map((i) => determinant(columns.with(i, wanted)) / determinant(columns));
}

export const iccChunk = (profile) => ['iCCP', [...text('test\0\0'), ...deflateSync(profile)]];

const iccSignature = Buffer.from('ICC_PROFILE\0');

/** A JPEG's segments of a profile, in parts of so many bytes. */
export function iccSegments(profile, size = 65000) {
  const count = Math.max(1, Math.ceil(profile.length / size));
  return Array.from({ length: count }, (_, i) => [
    0xe2,
    [...iccSignature, i + 1, count, ...profile.subarray(i * size, (i + 1) * size)],
  ]);
}

/** The profile in a PNG or JPEG; undefined if there is none. */
export function profileIn(file) {
  return file[0] === 0x89 ? profileInPng(file) : profileInJpeg(file);
}

export function pngChunks(file) {
  const chunks = new Map();
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
    const data = file.subarray(at + 8, at + 8 + file.readUInt32BE(at));
    chunks.set(file.toString('latin1', at + 4, at + 8), data);
  }
  return chunks;
}

function profileInPng(file) {
  const data = pngChunks(file).get('iCCP');
  return data && inflateSync(data.subarray(data.indexOf(0) + 2));
}

function profileInJpeg(file) {
  const parts = [];
  for (let at = 2; file[at + 1] !== 0xda; at += 2 + file.readUInt16BE(at + 2)) {
    const data = file.subarray(at + 4, at + 2 + file.readUInt16BE(at + 2));
    if (file[at + 1] === 0xe2 && data.indexOf(iccSignature) === 0) parts.push(data.subarray(14));
  }
  return parts.length > 0 ? Buffer.concat(parts) : undefined;
}
