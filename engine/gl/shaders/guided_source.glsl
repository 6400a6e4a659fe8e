// What the guided filter works on, at the mask's size: the frame's luma (R) and the mask (G).
uniform sampler2D frame;
uniform sampler2D mask;
uniform vec2 taps;  // each the mean of 2x2 pixels of the frame
in vec2 v_uv;
out vec4 color;

void main() {
  vec2 texel = 1.0 / vec2(textureSize(mask, 0));
  vec3 sum = vec3(0.0);
  for (float j = 0.5; j < taps.y; j += 1.0) {
    for (float i = 0.5; i < taps.x; i += 1.0) {
      vec2 offset = vec2(i, j) / taps - 0.5;
      sum += textureLod(frame, v_uv + offset * texel, 0.0).rgb;
    }
  }
  float luma = dot(sum, vec3(0.299, 0.587, 0.114)) / (taps.x * taps.y);
  color = vec4(luma, textureLod(mask, v_uv, 0.0).r, 0.0, 1.0);
}
