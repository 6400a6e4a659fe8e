// The guided filter's input at the mask's size: the frame's luma (R) and the mask (G), both around
// zero, where half floats are most precise.
uniform sampler2D frame;
uniform sampler2D mask;
in vec2 v_uv;
out vec4 color;

void main() {
  vec2 size = vec2(textureSize(mask, 0));
  // Each fetch is the mean of 2x2 pixels of the frame.
  vec2 taps = max(floor(vec2(textureSize(frame, 0)) / (2.0 * size) + 0.5), 1.0);
  vec3 sum = vec3(0.0);
  for (float j = 0.5; j < taps.y; j += 1.0) {
    for (float i = 0.5; i < taps.x; i += 1.0) {
      sum += textureLod(frame, v_uv + (vec2(i, j) / taps - 0.5) / size, 0.0).rgb;
    }
  }
  float luma = dot(sum, vec3(0.299, 0.587, 0.114)) / (taps.x * taps.y);
  color = vec4(vec2(luma, textureLod(mask, v_uv, 0.0).r) - 0.5, 0.0, 1.0);
}
