// The executor in WebAssembly. Threads are Workers that run the same module on the same memory;
// JavaScript starts them. Only modules built with atomics have threads.
#include "platform/thread_pool.h"

#if defined(__wasm_atomics__)

#include "platform/thread_team.h"
#include "platform/wasm/waiting.h"

// The entry point of a thread's Worker; returns when the team is dismissed. Not part of backdrop.h:
// only the package's own Workers call it. A thread runs parts of tasks and nothing else: malloc is
// not thread-safe here, so only the thread that calls the engine may allocate.
extern "C" void backdrop_thread_main();

namespace backdrop {
namespace {

// One for all threads of the memory.
constinit ThreadTeam<Waiting> team;

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
