// Pixels of another format or size.
#pragma once

#include <array>

#include "av.h"
#include "colors.h"

namespace backdrop::cli {

class Scaler {
 public:
  // kFast: rounded less well, as a live picture may be.
  enum class Quality { kExact, kFast };

  explicit Scaler(Quality quality = Quality::kExact) : quality_(quality) {}
  ~Scaler() { sws_freeContext(context_); }
  Scaler(const Scaler&) = delete;
  Scaler& operator=(const Scaler&) = delete;

  // Writes all of `from` to all of `to`.
  void convert(const AVFrame& from, const VideoColors& from_colors, AVFrame& to,
               const VideoColors& to_colors);

  // Writes `from` to the middle of `to`, which is of another size, on black.
  void fit(const AVFrame& from, const VideoColors& from_colors, AVFrame& to,
           const VideoColors& to_colors);

 private:
  void prepare(const AVFrame& from, const VideoColors& from_colors, AVPixelFormat format, int width,
               int height, const VideoColors& to_colors);

  Quality quality_;
  SwsContext* context_ = nullptr;
};

}  // namespace backdrop::cli
