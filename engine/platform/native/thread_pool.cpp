#include "platform/thread_pool.h"

#include <thread>
#include <vector>

#include "platform/native/waiting.h"
#include "platform/thread_team.h"

namespace backdrop {
namespace {

class ThreadPool final : public Executor {
 public:
  // std::system_error if a thread can't be started.
  explicit ThreadPool(std::size_t threads) {
    workers_.threads.reserve(threads - 1);
    for (std::size_t i = 1; i < threads; ++i) {
      workers_.threads.emplace_back([this] { workers_.team.work(); });
    }
  }

  std::size_t concurrency() const override { return workers_.threads.size() + 1; }
  void run(std::size_t parts, Task task) override { workers_.team.run(parts, task); }

 private:
  // A member, so that the threads are joined even if the constructor throws.
  struct Workers {
    ThreadTeam<Waiting> team;
    std::vector<std::thread> threads;

    ~Workers() {
      team.dismiss();
      for (std::thread& thread : threads) thread.join();
    }
  };

  Workers workers_;
};

}  // namespace

std::unique_ptr<Executor> make_executor(std::size_t threads) {
  if (threads <= 1) return std::make_unique<SerialExecutor>();
  return std::make_unique<ThreadPool>(threads);
}

}  // namespace backdrop
