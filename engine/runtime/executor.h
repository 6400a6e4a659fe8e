// How work is spread over threads: the engine asks, the platform provides.
#pragma once

#include <cstddef>

namespace backdrop {

// A function called with the index of a part of the work; a reference, not an owner.
class Task {
 public:
  template <typename Function>
  explicit Task(const Function& function)
      : object_(&function), call_([](const void* object, std::size_t part) {
          (*static_cast<const Function*>(object))(part);
        }) {}

  void operator()(std::size_t part) const { call_(object_, part); }

 private:
  const void* object_;
  void (*call_)(const void*, std::size_t);
};

class Executor {
 public:
  virtual ~Executor() = default;

  // How many parts can run at the same time; 1 or more.
  virtual std::size_t concurrency() const = 0;

  // Calls task(0) ... task(parts - 1), possibly at the same time, and returns when all have ended.
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
