#include "camera_feed.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "still_pictures.h"

namespace backdrop::cli {
namespace {

// A camera that is slow, or that waits for light, is not taken for one that has stopped.
constexpr auto kUsualGap = std::chrono::seconds(1);
constexpr auto kLongestGap = std::chrono::seconds(5);

// Null where there is no memory for one.
FramePtr still_of(const AVFrame& picture) {
  try {
    return blur_still(picture);
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace

CameraFeed::CameraFeed(int width, int height)
    : width_(width), height_(height), card_(draw_card(width, height)), gap_(kUsualGap) {}

void CameraFeed::on_new_picture(std::function<void()> run) { listeners_.push_back(std::move(run)); }

void CameraFeed::tell() const {
  for (const std::function<void()>& run : listeners_) run();
}

void CameraFeed::show(const AVFrame& picture, Content content) {
  FramePtr shared = share(picture);
  {
    const std::lock_guard lock(mutex_);
    const Clock::time_point now = Clock::now();
    if (shown_at_ != Clock::time_point()) {
      gap_ = std::clamp<Clock::duration>(2 * (now - shown_at_), kUsualGap, kLongestGap);
    }
    picture_ = std::move(shared);
    content_ = content;
    is_outdated_ = false;
    shown_at_ = now;
    ++number_;
  }
  tell();
}

bool CameraFeed::take_away() {
  if (!picture_) return false;
  const FramePtr last = std::move(picture_);
  still_.reset();
  ++number_;
  if (content_ == Content::kComposited && !is_outdated_) still_ = still_of(*last);
  return true;
}

void CameraFeed::hide() {
  {
    const std::lock_guard lock(mutex_);
    shown_at_ = {};
    gap_ = kUsualGap;
    if (!take_away()) return;
  }
  tell();
}

void CameraFeed::outdate() {
  {
    const std::lock_guard lock(mutex_);
    is_outdated_ = true;
    if (picture_ && content_ == Content::kRoom) {
      take_away();
    } else if (!picture_ && still_) {
      still_.reset();
      ++number_;
    } else {
      return;
    }
  }
  tell();
}

void CameraFeed::settle() {
  if (picture_ && Clock::now() - shown_at_ > gap_) take_away();
}

std::uint64_t CameraFeed::number() {
  const std::lock_guard lock(mutex_);
  settle();
  return number_;
}

CameraFeed::Shown CameraFeed::latest() {
  const std::lock_guard lock(mutex_);
  settle();
  return {share(picture_ ? *picture_ : still_ ? *still_ : *card_), number_};
}

}  // namespace backdrop::cli
