// A frame's own pixels, in browsers that convert them and in WebKit, which does not.

/** Safari and its relatives; a Worker's navigator has no vendor. */
export const isWebKit = /Version\/\S+ Safari/.test(navigator.userAgent);

function swapped(pixels) {
  for (let i = 0; i < pixels.length; i += 4) {
    [pixels[i], pixels[i + 2]] = [pixels[i + 2], pixels[i]];
  }
  return pixels;
}

/** Limited-range BT.601. */
function fromPlanes(planes, width, height) {
  const chroma = [(width + 1) >> 1, (height + 1) >> 1];
  const [cb, cr] = [0, 1].map((plane) => width * height + plane * chroma[0] * chroma[1]);
  const pixels = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < width * height; ++i) {
    const at = ((i / width) >> 1) * chroma[0] + ((i % width) >> 1);
    const [y, u, v] = [1.164 * (planes[i] - 16), planes[cb + at] - 128, planes[cr + at] - 128];
    pixels.set([y + 1.596 * v, y - 0.391 * u - 0.813 * v, y + 2.018 * u, 255], 4 * i);
  }
  return pixels;
}

/** The visible pixels as red, green, blue and alpha, which is not multiplied into the colours. */
export async function rgbaOf(frame) {
  const { width, height } = frame.visibleRect;
  const wish = { format: 'RGBA' };
  const bytes = new Uint8Array(frame.allocationSize(wish));
  await frame.copyTo(bytes, wish);
  if (!isWebKit || frame.format.startsWith('RGB')) return bytes;
  return frame.format.startsWith('BGR') ? swapped(bytes) : fromPlanes(bytes, width, height);
}
