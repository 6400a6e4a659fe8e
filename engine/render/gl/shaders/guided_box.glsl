// Means along an axis of the guided filter's sources or of its coefficients.
uniform sampler2D source;
uniform vec2 axis;
uniform int radius;
uniform float epsilon;
out vec4 color;

#ifdef OF_PRODUCTS
// Luma I, mask p, I * I, I * p.
vec4 prepare(vec4 texel) { return vec4(texel.rg, texel.r * texel.rg); }
#else
vec4 prepare(vec4 texel) { return texel; }
#endif

#ifdef TO_COEFFICIENTS
// The line a * I + b that fits the mask best.
vec4 finish(vec4 means) {
  vec2 moments = means.ba - means.r * means.rg;  // variance of I, covariance of I and p
  float a = moments.g / (max(moments.r, 0.0) + epsilon);
  return vec4(a, means.g - a * means.r, 0.0, 1.0);
}
#else
vec4 finish(vec4 means) { return means; }
#endif

void main() {
  ivec2 last = textureSize(source, 0) - 1;
  vec4 sum = vec4(0.0);
  for (int i = -radius; i <= radius; ++i) {
    ivec2 at = clamp(ivec2(gl_FragCoord.xy) + i * ivec2(axis), ivec2(0), last);
    sum += prepare(texelFetch(source, at, 0));
  }
  color = finish(sum / float(2 * radius + 1));
}
