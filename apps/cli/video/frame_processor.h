// A video's frames through the engine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "av.h"
#include "colors.h"
#include "engine.h"
#include "orientation.h"
#include "scaler.h"
#include "statistics.h"

namespace backdrop::cli {

// What the first frame decides for all.
struct FramePlan {
  int width = 0;  // of the frames as stored; where the first frame is larger, its edge is cut off
  int height = 0;
  AVPixelFormat source = AV_PIX_FMT_NONE;
  AVPixelFormat output = AV_PIX_FMT_NONE;
  VideoColors colors;
  Orientation orientation;
  bool is_matte = false;  // the output is the matte itself
  bool is_transparent = false;
  bool is_on_gpu = false;

  // Tags a frame of the output whose pixels have other colours than the source's tags say.
  void tag(AVFrame& frame) const;
  // What the engine sees, else I420.
  bool works_in_rgba() const;
  // Whether the output keeps more of the person's colours than the engine sees.
  bool restores_precision() const;
};

// A frame of I420, NV12 or RGBA as the engine reads and writes it, in the frame's own memory.
backdrop_image view(const AVFrame& frame, const VideoColors& colors,
                    const Orientation& orientation);

class FrameProcessor {
 public:
  FrameProcessor(Engine& engine, const FramePlan& plan) : engine_(engine), plan_(plan) {}

  // A new frame of the plan's size and output format. Throws Failure.
  FramePtr process(const AVFrame& frame);

  // Of all frames together.
  double engine_milliseconds() const { return engine_milliseconds_; }
  const backdrop_statistics& engine_parts() const { return engine_parts_; }

 private:
  FramePtr fitted(const AVFrame& frame);
  FramePtr working(const FramePtr& frame);
  FramePtr processed(AVFrame& frame);
  FramePtr processed_on_gpu(AVFrame& frame);
  FramePtr matte_frame();
  FramePtr converted(Scaler& scaler, const AVFrame& frame) const;
  void add_parts();
  void restore_precision(const AVFrame& original, const AVFrame& seen, AVFrame& out);

  Engine& engine_;
  FramePlan plan_;
  Scaler fit_, to_working_, of_original_, of_working_;
  std::vector<std::uint8_t> matte_;
  double engine_milliseconds_ = 0;
  backdrop_statistics engine_parts_{};
};

}  // namespace backdrop::cli
