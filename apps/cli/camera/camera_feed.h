// What a virtual camera shows: one place decides it, for all outputs.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "av.h"

namespace backdrop::cli {

// Pictures are I420 of one size. Only composited ones come in, so that nothing else can go out:
// while none comes, a blurred still of the latest, and before the first one a card.
class CameraFeed {
 public:
  struct Shown {
    FramePtr picture;          // shared: not to be written
    std::uint64_t number = 0;  // rises with each new picture
  };

  CameraFeed(int width, int height);

  int width() const { return width_; }
  int height() const { return height_; }

  // `run` is called after each new picture, from the thread that shows it, and must not wait.
  void on_new_picture(std::function<void()> run);

  void show(const AVFrame& composited);

  // The camera is closed, or has failed: what was shown becomes a still at once.
  void hide();

  Shown latest();

 private:
  using Clock = std::chrono::steady_clock;

  void tell() const;

  int width_;
  int height_;
  std::vector<std::function<void()>> listeners_;
  std::mutex mutex_;
  FramePtr standing_in_;  // a card, or the still
  FramePtr composited_;   // null while standing_in_ is shown
  Clock::time_point shown_at_;
  std::uint64_t number_ = 1;
};

}  // namespace backdrop::cli
