// Pictures in files of all kinds, a person on the left of a room, and backgrounds of all kinds.
import { PngColor, jpeg, png } from '../../cli/pictures.mjs';
import { convert, iccChunk, iccSegments, rgbProfile, spaces } from '../../cli/profiles.mjs';
import { personColour, roomColour } from './frame-samples.mjs';

const { sRgb, displayP3 } = spaces;
const profile = rgbProfile(displayP3);
const yCbCr = { person: [78, 93, 232], room: [49, 227, 104] };
const inverseCmyk = { person: [...personColour, 255], room: [...roomColour, 255] };

const landscape = { width: 320, height: 180 };
const isLeft = (x) => 2 * x < landscape.width;
const colourAt = (x) => (isLeft(x) ? personColour : roomColour);

/** Stored on its side: seen upright after a quarter turn clockwise, the person is on the left. */
const onItsSide = { width: 320, height: 192, orientation: 6 };
const isBelow = (y) => 2 * y >= onItsSide.height;

const pngFile = (options) => ({ bytes: png({ ...landscape, pixelAt: colourAt, ...options }) });
const jpegFile = (options) => ({
  bytes: jpeg({
    ...landscape,
    components: 3,
    blockAt: (x) => (isLeft(8 * x) ? yCbCr.person : yCbCr.room),
    ...options,
  }),
});
const inDisplayP3 = {
  person: convert(personColour, displayP3, sRgb).map((value) => Math.min(255, value)),
  room: convert(roomColour, displayP3, sRgb).map((value) => Math.min(255, value)),
};

/** A name, the file, and where they are not as usual the size and the colours to be seen. */
export const files = {
  PNG: pngFile({}),
  'PNG, interlaced': pngFile({ interlaced: true }),
  'PNG of 16 bits': pngFile({
    depth: 16,
    pixelAt: (x) => colourAt(x).flatMap((value) => [value, value]),
  }),
  'PNG of a palette': pngFile({
    color: PngColor.palette,
    palette: [personColour, roomColour],
    pixelAt: (x) => [isLeft(x) ? 0 : 1],
  }),
  'PNG with a hole': {
    ...pngFile({
      color: PngColor.rgba,
      pixelAt: (x, y) => [...colourAt(x), 2 * y < landscape.height ? 0 : 255],
    }),
    hole: true,
  },
  'PNG of Display P3': { ...pngFile({ chunks: [iccChunk(profile)] }), ...inDisplayP3 },
  'PNG on its side': {
    ...pngFile({ ...onItsSide, pixelAt: (_, y) => (isBelow(y) ? personColour : roomColour) }),
    size: [192, 320],
  },
  'PNG of an odd size': {
    ...pngFile({ width: 333, height: 201, pixelAt: (x) => (x < 166 ? personColour : roomColour) }),
    size: [333, 201],
  },
  JPEG: jpegFile({}),
  'JPEG of Display P3': { ...jpegFile({ segments: iccSegments(profile) }), ...inDisplayP3 },
  'JPEG of CMYK': jpegFile({
    components: 4,
    adobe: 0,
    blockAt: (x) => (isLeft(8 * x) ? inverseCmyk.person : inverseCmyk.room),
  }),
  'JPEG on its side': {
    ...jpegFile({ ...onItsSide, blockAt: (_, y) => (isBelow(8 * y) ? yCbCr.person : yCbCr.room) }),
    size: [192, 320],
  },
};

/** From top to bottom: opaque, white and red that are half clear, and clear. */
const bands = [
  [192, 64, 0, 255],
  [255, 255, 255, 128],
  [255, 0, 0, 128],
  [90, 200, 30, 0],
];
const bandsOnBlack = [
  [192, 64, 0],
  [128, 128, 128],
  [128, 0, 0],
  [0, 0, 0],
];
const teal = [40, 120, 130];

/** A name, the background, and what it shows at a height from 0 to 1 of a file's picture: a
 * colour and alpha. */
export const backgrounds = {
  'a colour': [{ kind: 'color', rgb: 0x00c000 }, () => [0, 192, 0, 255]],
  nothing: [{ kind: 'transparent' }, () => [0, 0, 0, 0]],
  'a blur': [
    { kind: 'blur', strength: 2 },
    (y, { room = roomColour, hole }) => (hole && y < 0.5 ? [0, 0, 0, 255] : [...room, 255]),
  ],
  'a picture with alpha': [
    {
      kind: 'image',
      image: png({
        width: 400,
        height: 320,
        color: PngColor.rgba,
        pixelAt: (_, y) => bands[Math.floor(y / 80)],
      }),
    },
    (y, { size: [width, height] = [320, 180] }) => {
      const visible = Math.min(1, (400 / 320) * (height / width)); // of its height
      return [...bandsOnBlack[Math.floor(4 * (0.5 + visible * (y - 0.5)))], 255];
    },
  ],
  'a picture of Display P3, on its side': [
    {
      kind: 'image',
      image: png({
        ...onItsSide,
        pixelAt: () => teal,
        chunks: [iccChunk(profile)],
      }),
    },
    () => [...convert(teal, displayP3, sRgb), 255],
  ],
};

/** The size and the colours of a file's picture before a background. */
export function expectedOf(file, behind) {
  const { size = [320, 180], person = personColour } = file;
  return {
    size,
    at: (x, y) => {
      const isClear = file.hole && 2 * y < size[1];
      if (2 * x < size[0] && !isClear) return [...person, 255];
      return behind(y / size[1], file);
    },
  };
}
