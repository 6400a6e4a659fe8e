#include "matte/activation.h"

#include <algorithm>
#include <array>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "matte/activation.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "hwy/contrib/math/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, 16>;

// Stores activation(values, x) for each whole vector; the values of a last, partial one are copied
// first.
template <typename Activation>
void for_each_vector(std::span<const float> output, std::size_t channels, float* probabilities,
                     const Activation& activation) {
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t n = output.size() / channels;
  const auto store = [&](const float* values, float* to) {
    const auto probability = activation(values);
    hn::StoreU(hn::IfThenElseZero(hn::Eq(probability, probability), probability), d, to);
  };
  std::size_t x = 0;
  for (; x + lanes <= n; x += lanes) store(output.data() + channels * x, probabilities + x);
  if (x < n) {
    std::array<float, 2 * 16> values{};
    std::array<float, 16> last;
    std::copy(output.begin() + static_cast<std::ptrdiff_t>(channels * x), output.end(),
              values.begin());
    store(values.data(), last.data());
    std::copy_n(last.begin(), n - x, probabilities + x);
  }
}

// Exp is meant for a limited range, and drops what is not a number.
template <typename V>
V sigmoid(V x) {
  const Floats d;
  const auto one = hn::Set(d, 1.0f);
  const auto limit = hn::Set(d, 80.0f);
  const auto exponent = hn::Clamp(hn::Neg(x), hn::Neg(limit), limit);
  return hn::IfThenElse(hn::Eq(x, x), hn::Div(one, hn::Add(one, hn::Exp(d, exponent))), x);
}

void activate(std::span<const float> output, OutputKind kind, float* probabilities) {
  const Floats d;
  switch (kind) {
    case OutputKind::kProbability:
      return for_each_vector(output, 1, probabilities,
                             [&](const float* values) { return hn::LoadU(d, values); });
    case OutputKind::kLogit:
      return for_each_vector(output, 1, probabilities,
                             [&](const float* values) { return sigmoid(hn::LoadU(d, values)); });
    case OutputKind::kLogits:
      return for_each_vector(output, 2, probabilities, [&](const float* values) {
        hn::Vec<Floats> background, person;
        hn::LoadInterleaved2(d, values, background, person);
        return sigmoid(hn::Sub(person, background));
      });
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {

HWY_EXPORT(activate);

void activate(std::span<const float> output, OutputKind kind, float* probabilities) {
  HWY_DYNAMIC_DISPATCH(activate)(output, kind, probabilities);
}

}  // namespace backdrop
#endif  // HWY_ONCE
