// CSS colors, read as the browser reads them.
import { contextOf } from './engine/canvas.js';

/** Keywords that CSS.supports takes for colors, and that have no color without an element. */
const inherited = /^(inherit|initial|unset|revert|revert-layer|currentcolor)$/i;

const opaque = 255;

export function isCssColor(value: unknown): value is string {
  return typeof value === 'string' && !inherited.test(value.trim()) && CSS.supports('color', value);
}

/** 0xRRGGBB of a CSS color; undefined if it is not opaque. */
export function rgbOf(color: string): number | undefined {
  const context = contextOf([1, 1]);
  context.fillStyle = color;
  const digits = /^#([0-9a-f]{6})$/.exec(context.fillStyle)?.[1];
  return digits === undefined ? drawnColor(context) : parseInt(digits, 16);
}

/** For colors that a canvas's fillStyle does not give back as hexadecimal digits. */
function drawnColor(context: OffscreenCanvasRenderingContext2D): number | undefined {
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha = 0] = context.getImageData(0, 0, 1, 1).data;
  return alpha === opaque ? (red << 16) | (green << 8) | blue : undefined;
}
