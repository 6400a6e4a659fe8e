#include "background_clip.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "failure.h"

namespace backdrop::cli {
BackgroundClip::BackgroundClip(std::string path, int width, int height)
    : path_(std::move(path)), width_(width), height_(height) {
  naming(path_, [&] {
    begin();
    current_ = read();
    if (!current_) throw Failure("no frame of its video can be decoded");
    first_ = time_of(*current_);
    end_ = end_of_current();
    next_ = read();
  });
}

void BackgroundClip::begin() {
  source_ = std::make_unique<Source>(path_);
  decoder_ = std::make_unique<VideoDecoder>(source_->file(), source_->video());
  const auto orientation = orientation_of(side_data(source_->video(), AV_PKT_DATA_DISPLAYMATRIX));
  orientation_ = orientation.value_or(Orientation{});
  frames_ = {};
}

FramePtr BackgroundClip::read() {
  return frames_.next(*source_, *decoder_, [this] { return source_->read(); });
}

// From the first time that is shown on.
std::int64_t BackgroundClip::time_of(const AVFrame& frame) const {
  return begun_ + av_rescale_q(frame.pts, source_->video().time_base, kMicroseconds) - first_;
}

void BackgroundClip::advance() {
  if (!next_) {  // the next turn
    begun_ = end_;
    begin();
    next_ = read();
    if (!next_) throw Failure("can't be read again");
  }
  current_ = std::move(next_);
  end_ = end_of_current();
  next_ = read();
}

std::int64_t BackgroundClip::end_of_current() const {
  constexpr std::int64_t kShortestTurn = AV_TIME_BASE / 10;
  const std::int64_t duration =
      av_rescale_q(decoder_->duration(*current_), source_->video().time_base, kMicroseconds);
  return std::max(time_of(*current_) + duration, begun_ + kShortestTurn);
}

const AVFrame* BackgroundClip::at(std::int64_t time) {
  return naming(path_, [&]() -> const AVFrame* {
    bool is_new = !picture_;
    for (; (next_ ? time_of(*next_) : end_) <= time; is_new = true) advance();
    if (!is_new) return nullptr;
    picture_ = drawn(*current_);
    return picture_.get();
  });
}

FramePtr BackgroundClip::drawn(const AVFrame& frame) {
  const bool swaps = orientation_.swaps_sides();
  // Larger than what is covered, the picture would only cost time.
  const double scale =
      std::min(1.0, std::max(double{1} * width_ / (swaps ? frame.height : frame.width),
                             double{1} * height_ / (swaps ? frame.width : frame.height)));
  const auto side = [&](int size) {
    return std::max(1, static_cast<int>(std::lround(size * scale)));
  };
  const FramePtr rgba = make_frame(AV_PIX_FMT_RGBA, side(frame.width), side(frame.height));
  scaler_.convert(frame, colors_of(frame), *rgba, {});
  return turned(*rgba, orientation_);
}

}  // namespace backdrop::cli
