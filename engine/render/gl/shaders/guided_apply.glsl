// Applies the guided filter's lines at the output's size.
uniform sampler2D frame;
uniform sampler2D coefficients;
in vec2 v_uv;
out vec4 color;

void main() {
  vec2 line = texture(coefficients, v_uv).rg;
  float luma = dot(texture(frame, v_uv).rgb, vec3(0.299, 0.587, 0.114));
  color = vec4(clamp(line.r * (luma - 0.5) + line.g + 0.5, 0.0, 1.0), 0.0, 0.0, 1.0);
}
