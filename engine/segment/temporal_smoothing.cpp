#include "segment/temporal_smoothing.h"

#include <algorithm>
#include <array>

#include "base/assert.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "segment/temporal_smoothing.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, 16>;
using V = hn::Vec<Floats>;

// Approximately the square of the binary entropy in bits: 1 at one half, 0 at 0 and 1.
V uncertainty(V probability) {
  const Floats d;
  const V t = hn::Sub(probability, hn::Set(d, 0.5f));
  const V x = hn::Mul(t, t);
  V sum = hn::Set(d, -624.717f);
  for (const float coefficient : {291.309f, -57.8051f, -0.748699f, 5.68842f}) {
    sum = hn::MulAdd(sum, x, hn::Set(d, coefficient));
  }
  const V one = hn::Set(d, 1.0f);
  return hn::Sub(one, hn::Min(one, hn::Mul(sum, x)));
}

V blend(V fresh, V shown, float strength) {
  const Floats d;
  const V one = hn::Set(d, 1.0f);
  const V probability = hn::Clamp(fresh, hn::Zero(d), one);
  const V difference = hn::Sub(shown, probability);
  const V change = hn::Mul(difference, hn::Set(d, 1 / 0.25f));
  const V stillness = hn::Max(hn::Zero(d), hn::NegMulAdd(change, change, one));
  const V weight = hn::Mul(hn::Mul(uncertainty(probability), stillness), hn::Set(d, strength));
  return hn::MulAdd(weight, difference, probability);
}

void smooth(std::span<float> fresh, float strength, float* shown) {
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t n = fresh.size();
  std::size_t x = 0;
  for (; x + lanes <= n; x += lanes) {
    const V blended = blend(hn::LoadU(d, fresh.data() + x), hn::LoadU(d, shown + x), strength);
    hn::StoreU(blended, d, fresh.data() + x);
    hn::StoreU(blended, d, shown + x);
  }
  if (x < n) {
    std::array<float, 16> last_fresh{}, last_shown{};
    std::copy(fresh.begin() + static_cast<std::ptrdiff_t>(x), fresh.end(), last_fresh.begin());
    std::copy_n(shown + x, n - x, last_shown.begin());
    hn::StoreU(blend(hn::LoadU(d, last_fresh.data()), hn::LoadU(d, last_shown.data()), strength), d,
               last_fresh.data());
    std::copy_n(last_fresh.begin(), n - x, fresh.data() + x);
    std::copy_n(last_fresh.begin(), n - x, shown + x);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {

HWY_EXPORT(smooth);

void smooth(std::span<float> fresh, float strength, float* shown) {
  BACKDROP_ASSERT(strength >= 0 && strength <= 1);
  HWY_DYNAMIC_DISPATCH(smooth)(fresh, strength, shown);
}

bool TemporalSmoothing::prepare(std::size_t size) {
  reset();
  return shown_.resize(size);
}

void TemporalSmoothing::run(std::span<float> probabilities) {
  BACKDROP_ASSERT(probabilities.size() == shown_.size());
  if (!has_shown_) std::fill_n(shown_.data(), shown_.size(), 0.0f);
  smooth(probabilities, has_shown_ ? strength_ : 0, shown_.data());
  has_shown_ = true;
}

}  // namespace backdrop
#endif  // HWY_ONCE
