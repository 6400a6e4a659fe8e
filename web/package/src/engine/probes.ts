// What this browser makes of frames.
import { contextOf } from './canvas.js';

/** Frames of red on the left and blue on the right. */
const probes = {
  BGRA: { width: 2, height: 1, bytes: [0, 0, 255, 255, 255, 0, 0, 255] },
  NV12: {
    width: 8,
    height: 2,
    bytes: [...Array<number>(16).fill(128), 64, 192, 64, 192, 192, 64, 192, 64],
  },
};

const conversions = new Map<string, Promise<boolean>>();

/**
 * Whether copyTo converts frames of this format to RGBA. Older browsers ignore the option and copy the
 * frame's format; Firefox takes NV12's chroma for planes.
 */
export function convertsToRgba(format: string | null): Promise<boolean> {
  const name = format === 'NV12' ? 'NV12' : 'BGRA';
  const known = conversions.get(name) ?? tryToConvert(name);
  conversions.set(name, known);
  return known;
}

async function tryToConvert(format: keyof typeof probes): Promise<boolean> {
  const { width, height, bytes } = probes[format];
  const frame = new VideoFrame(Uint8Array.from(bytes), {
    format,
    codedWidth: width,
    codedHeight: height,
    timestamp: 0,
  });
  const pixels = new Uint8Array(4 * width * height);
  try {
    await frame.copyTo(pixels, { format: 'RGBA' });
  } catch {
    return false;
  } finally {
    frame.close();
  }
  const isRed = (pixel: number) => (pixels[4 * pixel] ?? 0) > (pixels[4 * pixel + 2] ?? 0);
  return Array.from({ length: width * height }, (_, pixel) => pixel).every(
    (pixel) => isRed(pixel) === pixel % width < width / 2,
  );
}

let straight: boolean | undefined;

/** Whether the colours of a frame with alpha are straight when it is drawn, as told. In Firefox they are premultiplied. */
export function showsStraightAlpha(): boolean {
  return (straight ??= tryToDraw());
}

function tryToDraw(): boolean {
  const frame = new VideoFrame(Uint8Array.of(255, 255, 255, 128), {
    format: 'RGBA',
    codedWidth: 1,
    codedHeight: 1,
    timestamp: 0,
  });
  const context = contextOf([1, 1]);
  context.fillRect(0, 0, 1, 1);
  context.drawImage(frame, 0, 0);
  frame.close();
  return (context.getImageData(0, 0, 1, 1).data[0] ?? 0) < 192;
}
