#include "camera_feed.h"

#include <utility>

#include "still_pictures.h"

namespace backdrop::cli {
namespace {

// A camera that is slow, or that waits for light, is not taken for one that has stopped.
constexpr auto kLongestGap = std::chrono::seconds(1);

}  // namespace

CameraFeed::CameraFeed(int width, int height)
    : width_(width), height_(height), standing_in_(draw_card(width, height)) {}

void CameraFeed::on_new_picture(std::function<void()> run) { listeners_.push_back(std::move(run)); }

void CameraFeed::tell() const {
  for (const std::function<void()>& run : listeners_) run();
}

void CameraFeed::show(const AVFrame& composited) {
  FramePtr picture = share(composited);
  {
    const std::lock_guard lock(mutex_);
    composited_ = std::move(picture);
    shown_at_ = Clock::now();
    ++number_;
  }
  tell();
}

void CameraFeed::hide() {
  {
    const std::lock_guard lock(mutex_);
    if (!composited_) return;
    standing_in_ = blur_still(*std::exchange(composited_, nullptr));
    ++number_;
  }
  tell();
}

CameraFeed::Shown CameraFeed::latest() {
  const std::lock_guard lock(mutex_);
  if (composited_ && Clock::now() - shown_at_ > kLongestGap) {
    standing_in_ = blur_still(*std::exchange(composited_, nullptr));
    ++number_;
  }
  return {share(composited_ ? *composited_ : *standing_in_), number_};
}

}  // namespace backdrop::cli
