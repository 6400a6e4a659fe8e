// A team of threads that runs one job after the other.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "base/executor.h"

namespace backdrop {

// A word of memory that threads wait on.
using Word = std::atomic<std::uint64_t>;

// Waiting says how, for the platform:
//   static bool spin_until_changed(const Word&, value): looks at the word for 0.1 to 0.2 ms, which
//     is longer than a network has between two operations worth dividing, and about as long as it
//     takes to wake a thread that sleeps; false if the word still has the value.
//   static bool sleep_until_changed(Word&, value, nanoseconds): false when the word still has the
//     value after this time, kForever excepted.
//   static void wake_all(Word&)
inline constexpr std::int64_t kForever = -1;

// Any number of threads may be in work(), and may join at any time: whoever is there takes parts of
// the job until none is left. Each thread prefers the part of its own number: it then works on the
// same rows of one operation after the other, whose data are in its core's cache.
template <typename Waiting>
class ThreadTeam {
 public:
  // Calls task(0) ... task(parts - 1) and returns when all have returned. `parts` is at most
  // kMaxThreads. Called by one thread only. A task must not throw: other threads still use it.
  void run(std::size_t parts, const Task& task) noexcept {
    if (parts == 0) return;
    BACKDROP_ASSERT(parts <= kMaxThreads);
    task_ = &task;
    unfinished_ = parts;
    job_ += kNextJob + (~std::uint32_t{0} >> (kMaxThreads - parts));
    Waiting::wake_all(job_);
    take_parts(0);
    await_end();
  }

  // Works on each job until the team is dismissed.
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

  // A thread that takes longer for its part was terminated or has trapped.
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

  // Runs parts that nobody has taken yet. Returns the job's word once no part is left.
  std::uint64_t take_parts(std::size_t own) {
    std::uint64_t job = job_;
    while (parts_left(job) != 0) {
      const std::size_t part = choose(parts_left(job), own);
      if (!job_.compare_exchange_weak(job, job - (std::uint64_t{1} << part))) continue;
      // task_ stays valid while a part is unfinished.
      (*task_)(part);
      if (--unfinished_ == 0) Waiting::wake_all(unfinished_);
      job = job_;
    }
    return job;
  }

  // Never waits forever: for a page, an error is better than a frozen picture.
  void await_end() {
    int seconds = 0;
    for (std::uint64_t rest = unfinished_; rest > 0; rest = unfinished_) {
      if (!await_change(unfinished_, rest, kSecond) && ++seconds == kMaxSeconds) __builtin_trap();
    }
  }

  // Upper half: the job's number. Lower half: one bit for each part that nobody has taken; 0
  // between jobs. One word holds both, so that a late thread can neither take a part of a job other
  // than the one it looked at nor sleep through the next.
  Word job_ = 0;
  Word unfinished_ = 0;
  std::atomic<std::size_t> joined_ = 0;
  std::atomic<bool> dismissed_ = false;
  const Task* task_ = nullptr;
};

}  // namespace backdrop
