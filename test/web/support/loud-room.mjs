// A room whose colours a codec keeps: a chequerboard of magenta and green, which any blur makes grey.
export const roomColours = ['#ff00ff', '#00ff00'];
export const cell = 8;
export const size = [192, 108];

/** The number of loud pixels: of the room, whatever a codec has done to them. */
export function countLoud(pixels, bytesPerPixel) {
  let count = 0;
  for (let i = 0; i < pixels.length; i += bytesPerPixel) {
    const [red, green, blue] = [pixels[i], pixels[i + 1], pixels[i + 2]];
    const isMagenta = red > 160 && green < 96 && blue > 160;
    const isGreen = red < 96 && green > 160 && blue < 96;
    if (isMagenta || isGreen) ++count;
  }
  return count;
}
