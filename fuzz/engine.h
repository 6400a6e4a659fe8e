// An engine that the C API destroys.
#pragma once

#include <memory>

#include "backdrop/backdrop.h"

namespace backdrop::fuzz {

using Engine = std::unique_ptr<backdrop_engine, decltype(&backdrop_destroy)>;

}  // namespace backdrop::fuzz
