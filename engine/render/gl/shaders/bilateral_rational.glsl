// A joint bilateral filter, or one axis of it, made cheaper: weights of space are a table, weights
// of colour a rational function, and a flat neighbourhood of the mask is skipped.
uniform sampler2D frame;
uniform sampler2D mask;
uniform sampler2D range;  // the mask's minimum and maximum around the pixel
uniform vec2 first;       // tap, in texture coordinates
uniform vec2 outer_stride;
uniform vec2 inner_stride;
uniform float outer_weights[OUTER];
uniform float inner_weights[INNER];
uniform float color_scale;
in vec2 v_uv;
out vec4 color;

// A neighbourhood of the mask with a smaller range is flat: filtering would change it by less.
const float kFlat = 4.0 / 255.0;

void main() {
  vec2 bounds = texelFetch(range, ivec2(v_uv * vec2(textureSize(range, 0))), 0).rg;
  bool flat_here = bounds.g - bounds.r < kFlat;
  vec2 sum = flat_here ? vec2(textureLod(mask, v_uv, 0.0).r, 1.0) : vec2(0.0);
  int count = flat_here ? 0 : OUTER;
  vec3 center = textureLod(frame, v_uv, 0.0).rgb;
  for (int j = 0; j < count; ++j) {
    for (int i = 0; i < INNER; ++i) {
      vec2 uv = v_uv + first + float(j) * outer_stride + float(i) * inner_stride;
      vec3 difference = textureLod(frame, uv, 0.0).rgb - center;
      // exp(-2x) is approximately 1 / (1 + x + x^2 / 2)^2.
      float x = color_scale * dot(difference, difference);
      float root = 1.0 / (1.0 + x + 0.5 * x * x);
      float weight = outer_weights[j] * inner_weights[i] * root * root;
      sum += weight * vec2(textureLod(mask, uv, 0.0).r, 1.0);
    }
  }
  color = vec4(sum.r / sum.g, 0.0, 0.0, 1.0);
}
