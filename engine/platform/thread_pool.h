// The platform's executor.
#pragma once

#include <cstddef>
#include <memory>

#include "base/executor.h"

namespace backdrop {

// An executor of `threads` threads; the caller of run() is one of them. In WebAssembly JavaScript
// starts the others; a module built without threads has one.
std::unique_ptr<Executor> make_executor(std::size_t threads);

}  // namespace backdrop
