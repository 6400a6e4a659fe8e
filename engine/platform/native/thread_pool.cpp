#include "platform/thread_pool.h"

#include <thread>
#include <vector>

#include "platform/native/waiting.h"
#include "platform/thread_team.h"

namespace backdrop {
namespace {

class ThreadPool final : public Executor {
 public:
  explicit ThreadPool(std::size_t threads) {
    for (std::size_t i = 1; i < threads; ++i) workers_.emplace_back([this] { team_.work(); });
  }

  ~ThreadPool() override {
    team_.dismiss();
    for (std::thread& worker : workers_) worker.join();
  }

  std::size_t concurrency() const override { return workers_.size() + 1; }
  void run(std::size_t parts, Task task) override { team_.run(parts, task); }

 private:
  ThreadTeam<Waiting> team_;
  std::vector<std::thread> workers_;
};

}  // namespace

std::unique_ptr<Executor> make_executor(std::size_t threads) {
  if (threads <= 1) return std::make_unique<SerialExecutor>();
  return std::make_unique<ThreadPool>(threads);
}

}  // namespace backdrop
