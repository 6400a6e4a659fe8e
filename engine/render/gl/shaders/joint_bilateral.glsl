// The joint bilateral filter: Kopf et al., "Joint Bilateral Upsampling", SIGGRAPH 2007. The weights
// are those of MediaPipe's bilateral filter.
uniform sampler2D frame;
uniform sampler2D mask;
uniform vec2 texel;   // of the output
uniform int count;    // of taps, along each axis
uniform float first;  // tap's distance, in texels
uniform float stride;
uniform float sigma_space;  // in texture coordinates
uniform float sigma_color;
in vec2 v_uv;
out vec4 color;

float gaussian(float x, float sigma) {
  return exp(-0.5 * x * x / (4.0 * sigma * sigma + 1.0e-6));
}

void main() {
  vec3 center = texture(frame, v_uv).rgb;
  // If no tap has a similar colour, not even within a float's range, the mask is kept.
  float total = 1.0e-20;
  float sum = total * texture(mask, v_uv).r;
  for (int j = 0; j < count; ++j) {
    for (int i = 0; i < count; ++i) {
      vec2 uv = v_uv + (first + stride * vec2(i, j)) * texel;
      float weight = gaussian(distance(v_uv, uv), sigma_space) *
                     gaussian(distance(center, textureLod(frame, uv, 0.0).rgb), sigma_color);
      sum += weight * textureLod(mask, uv, 0.0).r;
      total += weight;
    }
  }
  color = vec4(sum / total, 0.0, 0.0, 1.0);
}
