// Composites the person over a background: one of FRAME, TRANSPARENT, COLOR, IMAGE and BLUR. With
// SCREEN or LINEAR_DODGE the background's light falls on the person. What is clear in the frame is
// background.
uniform sampler2D frame;
uniform sampler2D mask;
uniform sampler2D background;
uniform sampler2D light;
uniform vec2 coverage;
uniform vec2 rows;        // v in the frame of the surface's first row, and of its last
uniform vec3 behind_color;
uniform vec4 sums_place;  // the frame's part of the sums: offset and scale
uniform float light_strength;
uniform float light_slope;  // 1 / (1 - coverage.y)
in vec2 v_uv;
out vec4 color;

#if defined(TRANSPARENT)
const float kLeastWeight = 1.0 / 256.0;  // kLeastPersonWeight in render_settings.h

// The person's colour, estimated from the sums around the pixel and, where the matte's alpha is
// high, its own.
vec3 person_at(vec2 uv, vec3 own, float alpha) {
  vec4 sums = texture(background, sums_place.xy + uv * sums_place.zw);
  return mix(sums.rgb / max(sums.a, kLeastWeight), own, max(4.0 * alpha - 3.0, 0.0));
}
#elif defined(BLUR)
vec3 background_at(vec2 uv) {
  vec4 sums = texture(background, sums_place.xy + uv * sums_place.zw);
  return sums.rgb / max(sums.a, 1e-5);
}
#elif defined(IMAGE)
vec3 background_at(vec2 uv) { return texture(background, uv).rgb; }
vec3 light_at(vec2 uv) { return texture(light, uv).rgb; }
#else
vec3 background_at(vec2 uv) { return behind_color; }
vec3 light_at(vec2 uv) { return behind_color; }
#endif

#if defined(SCREEN) || defined(LINEAR_DODGE)
// Full light where the mask is least certain of the person, none where it is most.
vec3 lit(vec3 person, vec2 uv, float probability) {
  float wrap = 1.0 - max(0.0, probability - coverage.y) * light_slope;
  vec3 wrapped = light_strength * wrap * light_at(uv);
#if defined(SCREEN)
  return 1.0 - (1.0 - person) * (1.0 - wrapped);
#else
  return person + wrapped;
#endif
}
#else
vec3 lit(vec3 person, vec2 uv, float probability) { return person; }
#endif

void main() {
  vec2 uv = vec2(v_uv.x, mix(rows.x, rows.y, v_uv.y));
  vec4 texel = texture(frame, uv);
#if defined(FRAME)
  color = texel;
#else
  vec3 person = texel.rgb;
  float probability = texture(mask, uv).r;
  float matte = smoothstep(coverage.x, coverage.y, probability);
  float alpha = min(matte, texel.a);
#if defined(TRANSPARENT)
  float rounded = floor(alpha * 255.0 + 0.5) / 255.0;  // as a surface of bytes keeps it
  color = rounded > 0.0 ? vec4(person_at(uv, person, matte), rounded) : vec4(0.0);
#else
  color = vec4(mix(background_at(uv), lit(person, uv, probability), alpha), 1.0);
#endif
#endif
}
