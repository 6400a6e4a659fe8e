// Runs work on several threads: the engine calls, the platform implements.
#pragma once

#include <cstddef>

#include "base/function_ref.h"

namespace backdrop {

// Called with the index of a part of the work.
using Task = FunctionRef<void(std::size_t)>;

inline constexpr std::size_t kMaxThreads = 32;

class Executor {
 public:
  virtual ~Executor() = default;

  // The number of parts that can run at the same time, 1 to kMaxThreads.
  virtual std::size_t concurrency() const = 0;

  // Calls task(0) ... task(parts - 1), possibly at the same time, and returns when all have
  // returned. `parts` is at most concurrency().
  virtual void run(std::size_t parts, Task task) = 0;
};

class SerialExecutor final : public Executor {
 public:
  std::size_t concurrency() const override { return 1; }
  void run(std::size_t parts, Task task) override {
    for (std::size_t part = 0; part < parts; ++part) task(part);
  }
};

}  // namespace backdrop
