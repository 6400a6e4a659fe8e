// The executor in WebAssembly. Threads are Workers that JavaScript has start the same module on the
// same memory; only modules built with atomics can have them.
#include "runtime/thread_pool.h"

#if defined(__wasm_atomics__)

#include <atomic>
#include <cstdint>

// Where a thread's Worker enters the module, never to return. It is for the threads of the module
// itself, and so no part of backdrop.h. A thread runs parts of tasks and nothing else: the C
// library's malloc is not thread-safe, so only the thread that calls the engine may allocate.
extern "C" [[noreturn]] void backdrop_thread_main();

namespace backdrop {
namespace {

using Word = std::atomic<std::uint64_t>;

// How often a thread looks at a word before it sleeps: some microseconds, the gap between two
// operations of a network. Waking takes longer; spinning longer takes the core from others.
constexpr int kSpins = 1000;

constexpr std::int64_t kForever = -1;
constexpr std::int64_t kSecond = 1'000'000'000;

// A thread that has not ended its part after so long has been killed, or has trapped.
constexpr int kMostSeconds = 10;

// Returns when the word has another value, or answers false when `nanoseconds` are over.
bool await_change(Word& word, std::uint64_t value, std::int64_t nanoseconds) {
  for (int i = 0; i < kSpins; ++i) {
    if (word.load() != value) return true;
  }
  constexpr int kTimedOut = 2;
  return __builtin_wasm_memory_atomic_wait64(reinterpret_cast<long long*>(&word),
                                             static_cast<long long>(value),
                                             nanoseconds) != kTimedOut;
}

void wake_all(Word& word) {
  __builtin_wasm_memory_atomic_notify(reinterpret_cast<int*>(&word), UINT32_MAX);
}

// The threads of the memory, of which the caller of run() is one. It does not matter how many there
// are, nor when they come: whoever is there takes parts of the job until none is left.
class Team {
 public:
  // Only one thread, that of the main instance, calls this.
  void run(std::size_t parts, const Task& task) {
    task_ = &task;
    unfinished_ = parts;
    job_ += kNextEpoch + parts;
    wake_all(job_);
    take_parts();
    await_end();
  }

  [[noreturn]] void work() {
    while (true) await_change(job_, take_parts(), kForever);
  }

 private:
  static constexpr std::uint64_t kNextEpoch = std::uint64_t{1} << 32;

  static std::size_t parts_left(std::uint64_t job) { return static_cast<std::uint32_t>(job); }

  // Runs what nobody has taken yet, and answers the job's word when nothing was left.
  std::uint64_t take_parts() {
    std::uint64_t job = job_;
    while (parts_left(job) > 0) {
      if (!job_.compare_exchange_weak(job, job - 1)) continue;
      // The task stays while a part of it is unfinished.
      (*task_)(parts_left(job) - 1);
      if (--unfinished_ == 0) wake_all(unfinished_);
      job = job_;
    }
    return job;
  }

  // Never waits forever: a page would rather have an error than a picture that stands still.
  void await_end() {
    int seconds = 0;
    for (std::uint64_t rest = unfinished_; rest > 0; rest = unfinished_) {
      if (await_change(unfinished_, rest, kSecond)) continue;
      if (++seconds == kMostSeconds) __builtin_trap();
    }
  }

  // The job's number in the upper half; in the lower, how many of its parts nobody has taken, 0
  // between jobs. In one word, so that a late thread can't take a part of a job other than the one
  // it looked at, nor sleep through the next.
  Word job_ = 0;
  Word unfinished_ = 0;
  const Task* task_ = nullptr;
};

constinit Team team;

class TeamExecutor final : public Executor {
 public:
  explicit TeamExecutor(std::size_t threads) : threads_(threads) {}

  std::size_t concurrency() const override { return threads_; }
  void run(std::size_t parts, Task task) override { team.run(parts, task); }

 private:
  std::size_t threads_;
};

}  // namespace

std::unique_ptr<Executor> make_executor(std::size_t threads) {
  if (threads <= 1) return std::make_unique<SerialExecutor>();
  return std::make_unique<TeamExecutor>(threads);
}

}  // namespace backdrop

void backdrop_thread_main() { backdrop::team.work(); }

#else

namespace backdrop {

std::unique_ptr<Executor> make_executor(std::size_t) { return std::make_unique<SerialExecutor>(); }

}  // namespace backdrop

#endif
