// The frame as it is.
uniform sampler2D frame;
in vec2 v_uv;
out vec4 color;

void main() {
  color = vec4(texture(frame, v_uv).rgb, 1.0);
}
