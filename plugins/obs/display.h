// Draws finished frames. All but the constructor is for OBS's graphics context.
#pragma once

#include <array>
#include <memory>

#include <obs.h>

#include "frame.h"

namespace backdrop::obs {

struct GraphicsDeleter {
  void operator()(gs_texture_t* texture) const { gs_texture_destroy(texture); }
  void operator()(gs_texrender_t* target) const { gs_texrender_destroy(target); }
  void operator()(gs_stagesurf_t* surface) const { gs_stagesurface_destroy(surface); }
  void operator()(gs_effect_t* effect) const { gs_effect_destroy(effect); }
};
template <typename T>
using Graphics = std::unique_ptr<T, GraphicsDeleter>;

class Display {
 public:
  // Uploads a frame of a native format. False if OBS has no memory or shader for it.
  bool upload(const Frame& frame);

  // Draws the frame that was uploaded last.
  void draw() const;

 private:
  bool make_textures(const Frame& frame);
  bool convert(const Frame& frame);
  void set_colors(const YuvColors& colors);

  std::array<Graphics<gs_texture_t>, 3> planes_;
  Graphics<gs_effect_t> conversion_;    // of YUV
  Graphics<gs_texrender_t> converted_;  // where it was YUV
  gs_texture_t* picture_ = nullptr;     // one of the above
  video_format format_ = VIDEO_FORMAT_NONE;
  int width_ = 0;
  int height_ = 0;
  bool flipped_ = false;
};

}  // namespace backdrop::obs
