#include "net/kernels/kernel.h"

#include <algorithm>
#include <array>

namespace backdrop {

void clear_halos(const Rows& rows, const Shape& shape, const Halo& halo, RowRange range) {
  if (halo == Halo{}) return;
  const auto channels = static_cast<std::size_t>(shape.channels);
  const std::size_t left = static_cast<std::size_t>(halo.left) * channels;
  const std::size_t right = static_cast<std::size_t>(halo.right) * channels;
  const std::size_t width = static_cast<std::size_t>(shape.width) * channels;
  BACKDROP_ASSERT(rows.stride >= left + width + right);
  for (int y = range.first; y < range.last; ++y) {
    float* row = rows.row(static_cast<std::size_t>(y));
    std::fill_n(row - left, left, 0.0F);
    std::fill_n(row + width, right, 0.0F);
  }
}

std::unique_ptr<Kernel> make_kernel(const KernelSpec& spec) {
  using Maker = std::unique_ptr<Kernel> (*)(const KernelSpec&);
  static constexpr std::array<Maker, kOpCount> kMakers = {
#define OPERATION(kind, kernel, ...) make_##kernel,
#include "net/graph/operations.def"
#undef OPERATION
  };
  return kMakers[static_cast<std::size_t>(spec.node.kind)](spec);
}

}  // namespace backdrop
