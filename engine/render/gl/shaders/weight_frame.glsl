// Shrinks a frame weighted by BACKGROUND, which is laid on black, or by PERSON, whose clear pixels
// have no colour: sums of colours times weights, and of weights. A ring of zeros surrounds the small
// picture.
uniform sampler2D frame;
uniform sampler2D mask;
uniform vec2 coverage;
uniform int factor;
out vec4 sums;

#if defined(PERSON)
// How much a pixel's own colour is the person's: as in composite.glsl.
float weight_of(float matte, float own) { return own * max(4.0 * matte - 3.0, 0.0); }
vec3 color_of(vec4 texel) { return texel.rgb; }
#else
// 1 for background, down to 1/256 for an alpha of one half or more.
float weight_of(float matte, float own) {
  return 1.0 - min(2.0 * min(matte, own), 1.0) * (255.0 / 256.0);
}
vec3 color_of(vec4 texel) { return texel.a * texel.rgb; }
#endif

float matte_at(vec2 uv) { return smoothstep(coverage.x, coverage.y, texture(mask, uv).r); }

void main() {
  ivec2 size = textureSize(frame, 0);
  ivec2 first = (ivec2(gl_FragCoord.xy) - 1) * factor;
  ivec2 end = min(first + factor, size);
  sums = vec4(0.0);
  for (int y = max(first.y, 0); y < end.y; ++y) {
    for (int x = max(first.x, 0); x < end.x; ++x) {
      vec4 texel = texelFetch(frame, ivec2(x, y), 0);
      float matte = matte_at((vec2(x, y) + 0.5) / vec2(size));
      sums += weight_of(matte, texel.a) * vec4(color_of(texel), 1.0);
    }
  }
  sums /= float(factor * factor);
}
