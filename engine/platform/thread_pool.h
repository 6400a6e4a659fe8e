// The platform's executor.
#pragma once

#include <cstddef>
#include <memory>

#include "base/executor.h"

namespace backdrop {

// An executor on `threads` threads, of which the caller of run() is one. In WebAssembly the others
// are what JavaScript starts; a module that is not built for threads has one.
std::unique_ptr<Executor> make_executor(std::size_t threads);

}  // namespace backdrop
