// The native executor; WebAssembly's is in wasm_thread_pool.cpp.
#if !defined(__wasm__)

#include "runtime/thread_pool.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace backdrop {
namespace {

class ThreadPool final : public Executor {
 public:
  explicit ThreadPool(std::size_t threads) {
    for (std::size_t i = 1; i < threads; ++i) workers_.emplace_back([this] { work(); });
  }

  ~ThreadPool() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  std::size_t concurrency() const override { return workers_.size() + 1; }

  void run(std::size_t parts, Task task) override {
    std::unique_lock lock(mutex_);
    job_ = {&task, parts, 0, 0};
    wake_.notify_all();
    take_parts(lock);
    done_.wait(lock, [this] { return job_.ended == job_.parts; });
    job_ = {};
  }

 private:
  struct Job {
    const Task* task = nullptr;
    std::size_t parts = 0;
    std::size_t taken = 0;
    std::size_t ended = 0;
  };

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return stopping_ || job_.taken < job_.parts; });
      if (stopping_) return;
      take_parts(lock);
    }
  }

  // Runs what nobody has taken yet. The lock is held on entry and on return, not while a part runs.
  void take_parts(std::unique_lock<std::mutex>& lock) {
    while (job_.taken < job_.parts) {
      const std::size_t part = job_.taken++;
      const Task& task = *job_.task;
      lock.unlock();
      task(part);
      lock.lock();
      if (++job_.ended == job_.parts) done_.notify_one();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_, done_;
  Job job_;
  bool stopping_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace

std::unique_ptr<Executor> make_executor(std::size_t threads) {
  if (threads <= 1) return std::make_unique<SerialExecutor>();
  return std::make_unique<ThreadPool>(threads);
}

}  // namespace backdrop

#endif
