/** Soft waves, so that activations are neither all zero nor all saturated: an input for a model. */
export function inputFor({ input: { width, height, min, max } }) {
  const wave = (i) => 0.5 + 0.3 * Math.sin(i / 61) + 0.2 * Math.sin(i / 4099);
  return Float32Array.from({ length: width * height * 3 }, (_, i) => min + (max - min) * wave(i));
}
