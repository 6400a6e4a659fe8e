// What a virtual camera shows: one place decides it, for all outputs.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "av.h"

namespace backdrop::cli {

// Pictures are I420 of one size. Only those of the stage come in, so that nothing else can go out:
// while none comes, a blurred still of the latest, and before the first one a card. A picture that
// shows the room, since nothing else was wanted, leaves no still, but the card.
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

  enum class Content { kComposited, kRoom };

  void show(const AVFrame& picture, Content content = Content::kComposited);

  // The camera is closed, or has failed: what was shown becomes a still at once.
  void hide();

  // What was shown was made by other settings: it leaves no still any more, and the room, which may
  // not be wanted any more, is taken away at once.
  void outdate();

  Shown latest();
  std::uint64_t number();  // of the latest

 private:
  using Clock = std::chrono::steady_clock;

  void tell() const;
  // With the mutex:
  bool take_away();  // whether there was a picture
  void settle();     // what is too old

  int width_;
  int height_;
  std::vector<std::function<void()>> listeners_;
  std::mutex mutex_;
  const FramePtr card_;
  FramePtr still_;    // null: the card stands in
  FramePtr picture_;  // null while the still or the card is shown
  Content content_ = Content::kComposited;
  bool is_outdated_ = false;
  Clock::time_point shown_at_;
  Clock::duration gap_;  // after which no picture is expected any more
  std::uint64_t number_ = 1;
};

}  // namespace backdrop::cli
