#include "peak.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "peak.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
//
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Independent accumulators: at least 10, for two multiply-add units with a latency of 5 cycles, and
// at most 14, which fit beside two operands into 16 registers.
constexpr std::size_t kSums = 12;
constexpr std::size_t kIterations = 20'000;

// Not inlined: a browser swaps in optimized code for a function only between two calls.
HWY_NOINLINE std::size_t run() {
  const hn::ScalableTag<float> d;
  using Vector = decltype(hn::Zero(d));
  volatile float sink = 0;
  const Vector scale = hn::Set(d, 0.5F + sink);
  const Vector shift = hn::Set(d, 1.0F + sink);
  // Single variables: compilers may keep the elements of an array in memory.
  Vector a = shift, b = shift, c = shift, e = shift, f = shift, g = shift;
  Vector h = shift, i = shift, j = shift, k = shift, l = shift, m = shift;
  const auto on_all = [&](auto function) { function(a, b, c, e, f, g, h, i, j, k, l, m); };
  for (std::size_t n = 0; n < kIterations; ++n) {
    on_all([&](auto&... sums) { ((sums = hn::MulAdd(sums, scale, shift)), ...); });
  }
  Vector total = hn::Zero(d);
  on_all([&](auto&... sums) { ((total = hn::Add(total, sums)), ...); });
  sink = hn::GetLane(total);
  return kIterations * kSums * hn::Lanes(d);
}

}  // namespace
}  // namespace backdrop::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {
HWY_EXPORT(run);
std::size_t run_at_peak() { return HWY_DYNAMIC_DISPATCH(run)(); }
}  // namespace backdrop
#endif
