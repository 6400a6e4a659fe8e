#include "display.h"

#include <graphics/vec4.h>

#include "yuv_effect.h"

namespace backdrop::obs {
namespace {

struct TextureSize {
  gs_color_format format;
  int width;
  int height;
};

int half(int size) { return (size + 1) / 2; }

// How a frame's planes are uploaded.
std::array<TextureSize, 3> textures_of(const Frame& frame) {
  const int w = frame.width();
  const int h = frame.height();
  constexpr TextureSize kNone{GS_UNKNOWN, 0, 0};
  switch (frame.format()) {
    case VIDEO_FORMAT_I420:
      return {{{GS_R8, w, h}, {GS_R8, half(w), half(h)}, {GS_R8, half(w), half(h)}}};
    case VIDEO_FORMAT_NV12:
      return {{{GS_R8, w, h}, {GS_R8G8, half(w), half(h)}, kNone}};
    case VIDEO_FORMAT_YUY2:
      return {{{GS_BGRA, half(w), h}, kNone, kNone}};
    case VIDEO_FORMAT_RGBA:
      return {{{GS_RGBA, w, h}, kNone, kNone}};
    case VIDEO_FORMAT_BGRA:
      return {{{GS_BGRA, w, h}, kNone, kNone}};
    case VIDEO_FORMAT_BGRX:
      return {{{GS_BGRX, w, h}, kNone, kNone}};
    default:
      return {{kNone, kNone, kNone}};
  }
}

const char* technique_of(video_format format) {
  switch (format) {
    case VIDEO_FORMAT_I420:
      return "I420";
    case VIDEO_FORMAT_NV12:
      return "NV12";
    case VIDEO_FORMAT_YUY2:
      return "YUY2";
    default:
      return nullptr;  // RGB
  }
}

gs_eparam_t* parameter(gs_effect_t* effect, const char* name) {
  return gs_effect_get_param_by_name(effect, name);
}

void set_vector(gs_effect_t* effect, const char* name, const float* values, float last) {
  vec4 vector;
  vec4_set(&vector, values[0], values[1], values[2], last);
  gs_effect_set_vec4(parameter(effect, name), &vector);
}

}  // namespace

bool Display::upload(const Frame& frame) {
  picture_ = nullptr;
  if (!make_textures(frame)) return false;
  for (std::size_t i = 0; i < frame.plane_count(); ++i) {
    gs_texture_set_image(planes_[i].get(), frame.plane(i),
                         static_cast<std::uint32_t>(frame.row_bytes(i)), false);
  }
  flipped_ = frame.is_flipped();
  if (technique_of(format_)) return convert(frame);
  picture_ = planes_[0].get();
  return true;
}

bool Display::make_textures(const Frame& frame) {
  if (frame.format() == format_ && frame.width() == width_ && frame.height() == height_) {
    return true;
  }
  format_ = VIDEO_FORMAT_NONE;
  const auto sizes = textures_of(frame);
  for (std::size_t i = 0; i < planes_.size(); ++i) {
    planes_[i].reset();
    const auto [format, width, height] = sizes[i];
    if (format == GS_UNKNOWN) continue;
    planes_[i].reset(gs_texture_create(static_cast<std::uint32_t>(width),
                                       static_cast<std::uint32_t>(height), format, 1, nullptr,
                                       GS_DYNAMIC));
    if (!planes_[i]) return false;
  }
  if (!planes_[0]) return false;
  format_ = frame.format();
  width_ = frame.width();
  height_ = frame.height();
  return true;
}

bool Display::convert(const Frame& frame) {
  if (!conversion_) conversion_.reset(gs_effect_create(kYuvEffect, "backdrop-yuv.effect", nullptr));
  if (!converted_) converted_.reset(gs_texrender_create(GS_RGBA, GS_ZS_NONE));
  if (!conversion_ || !converted_) return false;
  gs_texrender_reset(converted_.get());
  const auto width = static_cast<std::uint32_t>(width_);
  const auto height = static_cast<std::uint32_t>(height_);
  if (!gs_texrender_begin(converted_.get(), width, height)) return false;
  const bool was_srgb = gs_framebuffer_srgb_enabled();
  gs_enable_framebuffer_srgb(false);
  gs_blend_state_push();
  gs_enable_blending(false);
  gs_ortho(0, static_cast<float>(width_), 0, static_cast<float>(height_), -100, 100);
  set_colors(frame.colors());
  while (gs_effect_loop(conversion_.get(), technique_of(format_))) {
    gs_draw_sprite(planes_[0].get(), 0, width, height);
  }
  gs_blend_state_pop();
  gs_enable_framebuffer_srgb(was_srgb);
  gs_texrender_end(converted_.get());
  picture_ = gs_texrender_get_texture(converted_.get());
  return picture_ != nullptr;
}

void Display::set_colors(const YuvColors& colors) {
  gs_effect_t* effect = conversion_.get();
  const float size[] = {static_cast<float>(width_), static_cast<float>(height_),
                        static_cast<float>(2 * half(width_))};
  set_vector(effect, "size", size, 0);
  set_vector(effect, "red", colors.matrix.data(), colors.matrix[3]);
  set_vector(effect, "green", colors.matrix.data() + 4, colors.matrix[7]);
  set_vector(effect, "blue", colors.matrix.data() + 8, colors.matrix[11]);
  set_vector(effect, "least", colors.least.data(), 0);
  set_vector(effect, "most", colors.most.data(), 0);
  constexpr const char* kNames[] = {"image", "image1", "image2"};
  for (std::size_t i = 0; i < planes_.size(); ++i) {
    if (planes_[i]) gs_effect_set_texture(parameter(effect, kNames[i]), planes_[i].get());
  }
}

// As OBS draws asynchronous sources, whose alpha is straight, too.
void Display::draw() const {
  if (!picture_) return;
  const bool linear = gs_get_linear_srgb();
  const bool has_alpha = format_ == VIDEO_FORMAT_RGBA || format_ == VIDEO_FORMAT_BGRA;
  const bool multiplies = linear && has_alpha;
  const bool was_srgb = gs_framebuffer_srgb_enabled();
  gs_enable_framebuffer_srgb(linear);
  gs_effect_t* effect = obs_get_base_effect(OBS_EFFECT_DEFAULT);
  gs_eparam_t* image = parameter(effect, "image");
  if (linear) {
    gs_effect_set_texture_srgb(image, picture_);
  } else {
    gs_effect_set_texture(image, picture_);
  }
  if (multiplies) {
    gs_blend_state_push();
    gs_blend_function(GS_BLEND_ONE, GS_BLEND_INVSRCALPHA);
  }
  while (gs_effect_loop(effect, multiplies ? "DrawNonlinearAlpha" : "Draw")) {
    gs_draw_sprite(picture_, flipped_ ? GS_FLIP_V : 0, static_cast<std::uint32_t>(width_),
                   static_cast<std::uint32_t>(height_));
  }
  if (multiplies) gs_blend_state_pop();
  gs_enable_framebuffer_srgb(was_srgb);
}

}  // namespace backdrop::obs
