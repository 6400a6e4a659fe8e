#include "render/cpu/cut_out_kernel.h"

#include <algorithm>
#include <cstring>

#include "render/cpu/blur_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "render/cpu/cut_out_kernel.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

// Without std::lerp's care for what is not finite, which takes longer.
float mix(float first, float second, float weight) { return first + (second - first) * weight; }

// The four sums of a cell are a vector.
bool cut_out_pixels(const CellRows& rows, const std::uint8_t* in, const std::uint8_t* alpha,
                    int begin, int end, std::uint8_t* out) {
  const hn::CappedTag<float, 4> d;
  const hn::RebindToSigned<decltype(d)> d32;
  const hn::Rebind<std::uint8_t, decltype(d)> d8;
  const auto mixed = [&](auto first, auto second, float weight) {
    return hn::MulAdd(hn::Sub(second, first), hn::Set(d, weight), first);
  };
  bool is_whole = true;
  for (int x = begin; x < end; ++x) {
    std::uint8_t* const pixel = out + 4 * x;
    const std::uint8_t limited = std::min(alpha[x], in[4 * x + 3]);
    is_whole &= limited == alpha[x];
    if (limited == 0) {
      std::memset(pixel, 0, 4);
      continue;
    }
    const CellPlace column = cell_place(x, rows.cells_per_pixel, rows.cells);
    const std::size_t left = 4 * column.first;
    const std::size_t right = 4 * column.second;
    const float weight =
        mix(mix(rows.above[left + 3], rows.above[right + 3], column.weight),
            mix(rows.below[left + 3], rows.below[right + 3], column.weight), rows.weight);
    const auto scale = hn::Set(d, (1 << kProductShift) / std::max(weight, rows.least_weight));
    const float own = static_cast<float>(person_weight(alpha[x])) / 256;
    for (std::size_t c = 0; c < 4; c += hn::Lanes(d)) {
      const auto row = [&](const float* cells) {
        return mixed(hn::LoadU(d, cells + left + c), hn::LoadU(d, cells + right + c),
                     column.weight);
      };
      const auto estimate = hn::Mul(mixed(row(rows.above), row(rows.below), rows.weight), scale);
      const auto here = hn::ConvertTo(d, hn::PromoteTo(d32, hn::LoadU(d8, in + 4 * x + c)));
      const auto color = hn::NearestInt(mixed(estimate, here, own));
      hn::StoreU(hn::DemoteTo(d8, color), d8, pixel + c);
    }
    pixel[3] = limited;
  }
  return is_whole;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {

HWY_EXPORT(cut_out_pixels);

bool cut_out_pixels(const CellRows& rows, const std::uint8_t* in, const std::uint8_t* alpha,
                    int begin, int end, std::uint8_t* out) {
  return HWY_DYNAMIC_DISPATCH(cut_out_pixels)(rows, in, alpha, begin, end, out);
}

}  // namespace backdrop
#endif  // HWY_ONCE
