// Minimum (R) and maximum (G) along an axis. CHANNELS are the input's channels.
uniform sampler2D source;
uniform vec2 axis;
uniform int radius;
out vec4 color;

void main() {
  ivec2 last = textureSize(source, 0) - 1;
  vec2 range = vec2(1.0, 0.0);
  for (int i = -radius; i <= radius; ++i) {
    ivec2 at = clamp(ivec2(gl_FragCoord.xy) + i * ivec2(axis), ivec2(0), last);
    vec2 values = texelFetch(source, at, 0).CHANNELS;
    range = vec2(min(range.r, values.r), max(range.g, values.g));
  }
  color = vec4(range, 0.0, 1.0);
}
