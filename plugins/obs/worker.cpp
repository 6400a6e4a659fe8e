#include "worker.h"

#include <exception>
#include <new>
#include <utility>

#include "failure.h"

namespace backdrop::obs {
namespace {

// Waiting, worked on, finished, shown, and one to fill.
constexpr std::size_t kMostSpares = 5;

// Runs `work` and returns why it failed, or "".
template <typename Work>
std::string attempt(Work&& work) {
  try {
    work();
    return "";
  } catch (const std::bad_alloc&) {
    return "there is not enough memory";
  } catch (const std::exception& failure) {
    return cli::one_line(failure.what());
  }
}

}  // namespace

Worker::Worker(std::unique_ptr<Effect> effect, std::function<void(const std::string&)> on_reason)
    : effect_(std::move(effect)), on_reason_(std::move(on_reason)), thread_([this] { run(); }) {}

Worker::~Worker() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Worker::set(const Settings& settings) {
  {
    const std::lock_guard lock(mutex_);
    next_settings_ = settings;
  }
  wake_.notify_one();
}

void Worker::retry() {
  {
    const std::lock_guard lock(mutex_);
    if (!failed_settings_ || next_settings_) return;
    next_settings_ = failed_settings_;
  }
  wake_.notify_one();
}

std::unique_ptr<Frame> Worker::spare() {
  const std::lock_guard lock(mutex_);
  if (spares_.empty()) return std::make_unique<Frame>();
  std::unique_ptr<Frame> frame = std::move(spares_.back());
  spares_.pop_back();
  return frame;
}

void Worker::give_back(std::unique_ptr<Frame> frame) {
  const std::lock_guard lock(mutex_);
  if (frame && spares_.size() < kMostSpares) spares_.push_back(std::move(frame));
}

void Worker::submit(std::unique_ptr<Frame> frame) {
  {
    const std::lock_guard lock(mutex_);
    std::swap(waiting_.frame, frame);
    waiting_.generation = generation_;
  }
  wake_.notify_one();
  give_back(std::move(frame));
}

void Worker::refuse(const std::string& reason) { fail(reason); }

void Worker::forget() {
  const std::lock_guard lock(mutex_);
  ++generation_;
  reset_ = true;
}

std::unique_ptr<Frame> Worker::take_finished() {
  const std::lock_guard lock(mutex_);
  if (!finished_.frame || finished_.generation != generation_) return nullptr;
  shown_ = finished_.generation;
  return std::move(finished_.frame);
}

bool Worker::is_current() const {
  const std::lock_guard lock(mutex_);
  return shown_ == generation_;
}

std::string Worker::reason() const {
  const std::lock_guard lock(mutex_);
  return reason_;
}

void Worker::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [&] { return stopped_ || next_settings_ || waiting_.frame; });
    if (stopped_) return;
    const std::optional<Settings> settings = std::exchange(next_settings_, {});
    Ticket ticket = std::exchange(waiting_, {});
    const bool reset = std::exchange(reset_, false);
    lock.unlock();
    if (settings) apply(*settings);
    if (reset) effect_->reset();
    if (ticket.frame) process(std::move(ticket));
    lock.lock();
  }
}

void Worker::apply(const Settings& settings) {
  const std::string reason = attempt([&] { effect_->apply(settings); });
  const bool was_usable = std::exchange(usable_, reason.empty());
  bool has_changed = false;
  {
    const std::lock_guard lock(mutex_);
    failed_settings_ = usable_ ? std::nullopt : std::optional(settings);
    if (usable_ && !was_usable) {  // else the reason is about frames
      has_changed = !reason_.empty();
      reason_.clear();
    }
  }
  if (!usable_) fail(reason);
  if (has_changed) on_reason_("");
}

void Worker::process(Ticket ticket) {
  if (!usable_) return give_back(std::move(ticket.frame));
  const std::string reason = attempt([&] { effect_->process(*ticket.frame); });
  if (reason.empty()) return finish(std::move(ticket));
  fail(reason);
  give_back(std::move(ticket.frame));
}

void Worker::finish(Ticket ticket) {
  bool has_changed = false;
  {
    const std::lock_guard lock(mutex_);
    if (ticket.generation == generation_) {
      std::swap(finished_, ticket);
      has_changed = !reason_.empty();
      reason_.clear();
    }
  }
  give_back(std::move(ticket.frame));
  if (has_changed) on_reason_("");
}

void Worker::fail(const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    ++generation_;
    if (reason == reason_) return;
    reason_ = reason;
  }
  on_reason_(reason);
}

}  // namespace backdrop::obs
