// Threads that share the parts of one job after the other.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "base/executor.h"

namespace backdrop {

// A word of memory whose changes threads wait for.
using Word = std::atomic<std::uint64_t>;

// Waiting says how, for the platform:
//   static bool spin_until_changed(const Word&, value): looks at the word for 0.1 to 0.2 ms, which
//     is longer than a network has between two operations worth dividing, and about as long as it
//     takes to wake a thread that sleeps; false if the word still has the value.
//   static bool sleep_until_changed(Word&, value, nanoseconds): false when the word still has the
//     value after this time, kForever excepted.
//   static void wake_all(Word&)
inline constexpr std::int64_t kForever = -1;

// It does not matter how many threads are in work(), nor when they come: whoever is there takes
// parts of the job until none is left. Each has a part that it takes before others: the same rows
// of one operation after the other, so that what it reads is in its own core's cache.
template <typename Waiting>
class ThreadTeam {
 public:
  // Calls task(0) ... task(parts - 1), kMaxThreads at most, and returns when all have ended. One
  // thread calls this.
  void run(std::size_t parts, const Task& task) {
    if (parts == 0) return;
    BACKDROP_ASSERT(parts <= kMaxThreads);
    task_ = &task;
    unfinished_ = parts;
    job_ += kNextJob + (~std::uint32_t{0} >> (kMaxThreads - parts));
    Waiting::wake_all(job_);
    take_parts(0);
    await_end();
  }

  // Takes part in each job until the team is dismissed.
  void work() {
    const std::size_t own = ++joined_;
    std::uint64_t seen = take_parts(own);
    while (!dismissed_) {
      await_change(job_, seen);
      seen = take_parts(own);
    }
  }

  void dismiss() {
    dismissed_ = true;
    job_ += kNextJob;
    Waiting::wake_all(job_);
  }

 private:
  static constexpr std::uint64_t kNextJob = std::uint64_t{1} << 32;
  static constexpr std::int64_t kSecond = 1'000'000'000;

  // A thread that has not ended its part after so long has been killed, or has trapped.
  static constexpr int kMaxSeconds = 10;

  static bool await_change(Word& word, std::uint64_t value, std::int64_t nanoseconds = kForever) {
    return Waiting::spin_until_changed(word, value) ||
           Waiting::sleep_until_changed(word, value, nanoseconds);
  }

  static std::uint32_t parts_left(std::uint64_t job) { return static_cast<std::uint32_t>(job); }

  static std::size_t choose(std::uint32_t parts, std::size_t own) {
    const bool has_own = own < kMaxThreads && (parts >> own & 1) != 0;
    return has_own ? own : static_cast<std::size_t>(std::countr_zero(parts));
  }

  // Runs what nobody has taken yet, and answers the job's word when nothing was left.
  std::uint64_t take_parts(std::size_t own) {
    std::uint64_t job = job_;
    while (parts_left(job) != 0) {
      const std::size_t part = choose(parts_left(job), own);
      if (!job_.compare_exchange_weak(job, job - (std::uint64_t{1} << part))) continue;
      // The task stays while a part of it is unfinished.
      (*task_)(part);
      if (--unfinished_ == 0) Waiting::wake_all(unfinished_);
      job = job_;
    }
    return job;
  }

  // Never waits forever: a page would rather have an error than a picture that stands still.
  void await_end() {
    int seconds = 0;
    for (std::uint64_t rest = unfinished_; rest > 0; rest = unfinished_) {
      if (!await_change(unfinished_, rest, kSecond) && ++seconds == kMaxSeconds) __builtin_trap();
    }
  }

  // The job's number in the upper half; in the lower a bit for each of its parts that nobody has
  // taken, none between jobs. In one word, so that a late thread can't take a part of a job other
  // than the one it looked at, nor sleep through the next.
  Word job_ = 0;
  Word unfinished_ = 0;
  std::atomic<std::size_t> joined_ = 0;
  std::atomic<bool> dismissed_ = false;
  const Task* task_ = nullptr;
};

}  // namespace backdrop
