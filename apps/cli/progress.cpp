#include "progress.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <utility>

#include "failure.h"

namespace backdrop::cli {
namespace {

constexpr const char* kEraseLine = "\r\033[K";

}  // namespace

Progress::Progress() {
  if (isatty(STDERR_FILENO)) {
    thread_ = std::jthread([this](const std::stop_token& stop) { show(stop); });
  }
}

Progress::~Progress() = default;

void Progress::stage(std::string text) {
  const std::lock_guard lock(mutex_);
  text_ = std::move(text);
}

void Progress::note(const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (thread_.joinable()) std::fputs(kEraseLine, stderr);
  std::fprintf(stderr, "backdrop: %s\n", one_line(text).c_str());
}

void Progress::show(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  for (int seconds = 1;; ++seconds) {
    stopped_.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
    if (stop.stop_requested()) {
      if (seconds > 1) std::fputs(kEraseLine, stderr);
      return;
    }
    std::fputs(kEraseLine, stderr);
    if (!text_.empty()) std::fprintf(stderr, "%s, %d s", text_.c_str(), seconds);
  }
}

}  // namespace backdrop::cli
