// Draws the source into a texture, reads it back a frame later, and draws what the worker made of
// an earlier one. The texture itself is never drawn.
#include <array>
#include <memory>
#include <utility>

#include <graphics/vec4.h>

#include "filter.h"
#include "sources.h"
#include "text.h"

namespace backdrop::obs {
namespace {

// The source's picture on its way from the GPU. Graphics context.
class ReadBack {
 public:
  // Draws the source and starts to read it back. False if it has no size, or OBS no memory.
  bool begin(obs_source_t* target, obs_source_t* parent) {
    const std::uint32_t width = obs_source_get_base_width(target);
    const std::uint32_t height = obs_source_get_base_height(target);
    if (width == 0 || height == 0 || !make(width, height)) return false;
    if (!draw(target, parent)) return false;
    next_ = 1 - next_;
    gs_stage_texture(surfaces_[next_].get(), gs_texrender_get_texture(target_.get()));
    staged_[next_] = true;
    return true;
  }

  // The picture before the one that `begin` started with, if there is one.
  bool take(Frame& frame) {
    const std::size_t before = 1 - next_;
    if (!staged_[before]) return false;
    staged_[before] = false;
    std::uint8_t* data = nullptr;
    std::uint32_t row_bytes = 0;
    if (!gs_stagesurface_map(surfaces_[before].get(), &data, &row_bytes)) return false;
    obs_source_frame mapped{};
    mapped.format = VIDEO_FORMAT_BGRA;
    mapped.width = width_;
    mapped.height = height_;
    mapped.full_range = true;
    mapped.data[0] = data;
    mapped.linesize[0] = row_bytes;
    const bool copied = frame.copy(mapped).empty();
    gs_stagesurface_unmap(surfaces_[before].get());
    return copied;
  }

  void forget() { staged_[0] = staged_[1] = false; }

 private:
  bool make(std::uint32_t width, std::uint32_t height) {
    if (!target_) target_.reset(gs_texrender_create(GS_BGRA, GS_ZS_NONE));
    if (width != width_ || height != height_) {
      forget();
      for (auto& surface : surfaces_) {
        surface.reset(gs_stagesurface_create(width, height, GS_BGRA));
      }
      width_ = width;
      height_ = height;
    }
    return target_ && surfaces_[0] && surfaces_[1];
  }

  // As obs_source_process_filter_begin does.
  bool draw(obs_source_t* target, obs_source_t* parent) {
    gs_texrender_reset(target_.get());
    if (!gs_texrender_begin_with_color_space(target_.get(), width_, height_, GS_CS_SRGB)) {
      return false;
    }
    gs_blend_state_push();
    gs_blend_function_separate(GS_BLEND_SRCALPHA, GS_BLEND_INVSRCALPHA, GS_BLEND_ONE,
                               GS_BLEND_INVSRCALPHA);
    vec4 clear;
    vec4_zero(&clear);
    gs_clear(GS_CLEAR_COLOR, &clear, 0, 0);
    gs_ortho(0, static_cast<float>(width_), 0, static_cast<float>(height_), -100, 100);
    const std::uint32_t flags = obs_source_get_output_flags(parent);
    const bool draws_itself = flags & (OBS_SOURCE_CUSTOM_DRAW | OBS_SOURCE_ASYNC);
    if (target == parent && !draws_itself) {
      obs_source_default_render(target);
    } else {
      obs_source_video_render(target);
    }
    gs_blend_state_pop();
    gs_texrender_end(target_.get());
    return true;
  }

  Graphics<gs_texrender_t> target_;
  std::array<Graphics<gs_stagesurf_t>, 2> surfaces_;
  std::array<bool, 2> staged_{};
  std::size_t next_ = 0;
  std::uint32_t width_ = 0;
  std::uint32_t height_ = 0;
};

class SceneFilter : public Filter {
 public:
  using Filter::Filter;
  ~SceneFilter() override {
    obs_enter_graphics();
    read_back_.reset();
    obs_leave_graphics();
  }

  void tick() {
    ++frame_number_;
    has_read_ = false;
  }

  void render() {
    if (!has_read_) read();
    draw();
  }

 private:
  // Once a frame of OBS's: a source may be drawn in several views.
  void read() {
    has_read_ = true;
    if (!read_back_) read_back_ = std::make_unique<ReadBack>();
    if (frame_number_ != last_read_ + 1) read_back_->forget();  // it was hidden
    last_read_ = frame_number_;
    if (!read_back_->begin(obs_filter_get_target(source()), parent())) return worker().forget();
    std::unique_ptr<Frame> frame = worker().spare();
    if (read_back_->take(*frame)) {
      worker().submit(std::move(frame));
    } else {
      worker().give_back(std::move(frame));
    }
  }

  std::unique_ptr<ReadBack> read_back_;
  std::uint64_t frame_number_ = 0;  // of OBS's
  std::uint64_t last_read_ = 0;
  bool has_read_ = false;
};

SceneFilter* scene_filter_of(void* data) { return static_cast<SceneFilter*>(filter_of(data)); }

}  // namespace

obs_source_info scene_filter() {
  obs_source_info info = info_of<SceneFilter>();
  info.id = "backdrop_scene_filter";
  info.output_flags = OBS_SOURCE_VIDEO | OBS_SOURCE_SRGB;
  info.get_name = [](void*) { return text("NameScenes"); };
  info.video_tick = [](void* data, float) {
    if (SceneFilter* filter = scene_filter_of(data)) filter->tick();
  };
  info.video_render = [](void* data, gs_effect_t*) {
    if (SceneFilter* filter = scene_filter_of(data)) guard([&] { filter->render(); });
  };
  return info;
}

}  // namespace backdrop::obs
