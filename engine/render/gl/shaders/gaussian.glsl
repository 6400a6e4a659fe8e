// A Gaussian blur along one axis. Every fetch but the first reads two neighbours at once: Rákos,
// "Efficient Gaussian blur with linear sampling", 2010.
uniform sampler2D picture;
uniform vec2 spacing;  // from one pixel to the next along the axis
uniform int count;
uniform float offsets[MAX_FETCHES];
uniform float weights[MAX_FETCHES];
in vec2 v_uv;
out vec4 color;

void main() {
  color = weights[0] * texture(picture, v_uv);
  for (int i = 1; i < count; ++i) {
    vec2 offset = offsets[i] * spacing;
    color += weights[i] * (texture(picture, v_uv - offset) + texture(picture, v_uv + offset));
  }
}
