// The mean of the part of a picture that a pixel covers. A part of one pixel's width interpolates
// linearly, wherever it lies; a smaller part is widened to that. What is transparent is laid on the
// colour `beside`, which also shows beside the picture.
uniform sampler2D picture;
uniform vec2 begin;    // of the first pixel's part, in pixels of the picture
uniform vec2 spacing;  // from one pixel's part to the next; negative for a mirrored picture
uniform vec3 beside;
out vec4 color;

// The shares of the pixels i and i + 1 between `from` and `to`.
vec2 covered(float i, float from, float to) {
  vec2 pixel = vec2(i, i + 1.0);
  return clamp(min(pixel + 1.0, to) - max(pixel, from), 0.0, 1.0);
}

// The coordinate at which linear filtering mixes the pixels i and i + 1 by their weights.
float between(float i, vec2 weights) {
  return i + 0.5 + weights.y / (weights.x + weights.y);
}

void main() {
  vec2 size = vec2(textureSize(picture, 0));
  vec2 centre = begin + gl_FragCoord.xy * spacing;
  if (any(lessThan(centre, vec2(0.0))) || any(greaterThan(centre, size))) {
    color = vec4(beside, 1.0);
    return;
  }
  vec2 extent = max(abs(spacing), vec2(1.0));
  vec2 from = centre - 0.5 * extent;
  vec2 to = from + extent;
  vec2 first = floor(from);
  vec3 sum = vec3(0.0);
  for (float y = first.y; y < to.y; y += 2.0) {
    vec2 down = covered(y, from.y, to.y);
    for (float x = first.x; x < to.x; x += 2.0) {
      vec2 across = covered(x, from.x, to.x);
      vec2 at = vec2(between(x, across), between(y, down));
      vec4 texel = texture(picture, at / size);
      float weight = (across.x + across.y) * (down.x + down.y);
      sum += weight * mix(beside, texel.rgb, texel.a);
    }
  }
  color = vec4(sum / (extent.x * extent.y), 1.0);
}
