// What loading a network may take.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/error.h"
#include "base/saturating.h"

namespace backdrop {

// The memory and time that loading one network may still take. Import, passes and plan draw from
// it: the parts of a small file, each within bounds, can add up to hours and any amount of memory.
// The limits are far above any segmentation network.
class LoadBudget {
 public:
  static constexpr std::size_t kBytes = std::size_t{1} << 30;     // weights, tensors and scratch
  static constexpr std::size_t kWork = std::size_t{1} << 28;      // multiply-accumulates of passes
  static constexpr std::size_t kOperands = std::size_t{1} << 14;  // of all operations

  // Take from the budget; false, and nothing is taken, if there is not that much left.
  [[nodiscard]] bool take_floats(Size count) { return take(bytes_, count * sizeof(float)); }
  [[nodiscard]] bool take_work(Size count) { return take(work_, count); }
  [[nodiscard]] bool take_operands(Size count) { return take(operands_, count); }

  static std::unexpected<Error> exceeded() {
    return fail(ErrorCode::kUnsupported,
                "the network is too large: loading it takes more than 1024 MB");
  }

 private:
  static bool take(std::size_t& left, Size count) {
    if (count.get() > left) return false;
    left -= count.get();
    return true;
  }

  std::size_t bytes_ = kBytes;
  std::size_t work_ = kWork;
  std::size_t operands_ = kOperands;
};

}  // namespace backdrop
