#include "camera_worker.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <utility>

#include "failure.h"
#include "temporary_file.h"

namespace backdrop::cli {
namespace {

using namespace std::chrono_literals;

// Some programs open and close a camera several times before they use it.
constexpr auto kPatience = 5s;
constexpr auto kBetweenTries = 1s;

}  // namespace

CameraWorker::CameraWorker(CameraFeed& feed, CameraStage& stage, CameraRequest request,
                           FindSource find_source, bool is_always_open, Progress& progress)
    : feed_(feed),
      stage_(stage),
      request_(std::move(request)),
      find_source_(std::move(find_source)),
      is_always_open_(is_always_open),
      progress_(progress),
      state_("nobody looks: the camera is closed") {}

void CameraWorker::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void CameraWorker::end() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void CameraWorker::watch(std::size_t output, bool is_watched) {
  const std::lock_guard lock(mutex_);
  if (watched_.size() <= output) watched_.resize(output + 1);
  if (watched_[output] == is_watched) return;
  watched_[output] = is_watched;
  if (!is_watched) left_at_ = Clock::now();
  changed_.notify_all();
}

void CameraWorker::change(const CameraChanges& changes) {
  std::future<void> made;
  {
    const std::lock_guard lock(mutex_);
    Change& change = changes_.emplace_back();
    change.changes = changes;
    made = change.made.get_future();
    changed_.notify_all();
  }
  made.get();
}

std::string CameraWorker::state() const {
  const std::lock_guard lock(mutex_);
  char text[120];
  std::snprintf(text, sizeof text, "\npictures: %llu, %.1f ms each",
                static_cast<unsigned long long>(pictures_), milliseconds_);
  return source_name() + ": " + state_ + text;
}

bool CameraWorker::is_wanted() const {
  return is_always_open_ || std::ranges::find(watched_, true) != watched_.end();
}

void CameraWorker::make_changes() {
  std::vector<Change> changes;
  {
    const std::lock_guard lock(mutex_);
    changes = std::exchange(changes_, {});
  }
  for (Change& change : changes) {
    try {
      stage_.change(change.changes);
      feed_.outdate();
      change.made.set_value();
    } catch (...) {
      change.made.set_exception(std::current_exception());
    }
  }
}

void CameraWorker::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [&] { return is_wanted() || !changes_.empty(); });
    }
    make_changes();
    try {
      show_pictures(stop);
      say("nobody looks: the camera is closed");
    } catch (const std::exception& failure) {  // a Failure, no memory, a wrong call
      fail(failure.what());
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, kBetweenTries, [&] { return !changes_.empty(); });
    }
    feed_.hide();
  }
}

// Until nobody has looked for some time.
void CameraWorker::show_pictures(const std::stop_token& stop) {
  const auto is_to_go_on = [&] {
    const std::lock_guard lock(mutex_);
    return is_wanted() || Clock::now() - left_at_ < kPatience;
  };
  {
    const std::lock_guard lock(mutex_);
    if (!is_wanted()) return;
  }
  CameraRequest request = request_;
  if (request.from.empty()) request.from = find_source_();
  CameraInput input(std::move(request));
  stage_.forget();
  say("open");
  while (!stop.stop_requested() && is_to_go_on()) {
    const FramePtr frame = input.read();
    make_changes();
    show(*frame, input.orientation());
  }
}

void CameraWorker::show(const AVFrame& frame, const Orientation& orientation) {
  constexpr double kNewest = 0.05;
  const auto start = Clock::now();
  const FramePtr composited = stage_.process(frame, orientation);
  feed_.show(*composited,
             stage_.shows_room() ? CameraFeed::Content::kRoom : CameraFeed::Content::kComposited);
  const std::chrono::duration<double, std::milli> time = Clock::now() - start;
  const std::lock_guard lock(mutex_);
  failure_.clear();
  milliseconds_ =
      pictures_++ == 0 ? time.count() : milliseconds_ + kNewest * (time.count() - milliseconds_);
}

// Tells a failure once, not at every try.
void CameraWorker::fail(const std::string& reason) {
  say(reason + "; trying again");
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(failure_, reason) == reason) return;
  }
  if (EndingSignals::was_asked_to_end()) return;  // which is the reason
  progress_.note(source_name() + ": " + reason);
}

void CameraWorker::say(std::string text) {
  const std::lock_guard lock(mutex_);
  state_ = std::move(text);
}

}  // namespace backdrop::cli
