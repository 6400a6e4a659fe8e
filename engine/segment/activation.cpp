#include "segment/activation.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/assert.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "segment/activation.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "simd/exponential-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
constexpr std::size_t kLanes = HWY_LANES(float);
using V = hn::Vec<Floats>;
using Mask = hn::Mask<Floats>;

Mask is_number(V x) { return hn::Eq(x, x); }

// The pixels of one vector, a vector for each channel.
struct Block {
  // GCC does not compile an implicit constructor for the instruction set of this namespace.
  explicit Block(std::size_t channel_count)
      : channels(channel_count), valid(hn::FirstN(Floats(), kLanes)) {}

  std::size_t channels;
  Mask valid;  // pixels without NaN
  HWY_ALIGN std::array<float, kMaxClasses * kLanes> values;

  V operator[](std::size_t channel) const {
    return hn::Load(Floats(), values.data() + channel * kLanes);
  }

  // Fewer pixels than lanes: the last pixel is repeated.
  void load(const float* output, std::size_t pixels) {
    const Floats d;
    valid = hn::FirstN(d, kLanes);
    if (pixels == kLanes && channels == 1) return put(0, hn::LoadU(d, output));
    if (pixels == kLanes && channels == 2) {
      V first, second;
      hn::LoadInterleaved2(d, output, first, second);
      put(0, first);
      return put(1, second);
    }
    const hn::RebindToSigned<Floats> di;
    const auto last = hn::Set(di, static_cast<std::int32_t>(pixels - 1));
    const auto index =
        hn::Mul(hn::Min(hn::Iota(di, 0), last), hn::Set(di, static_cast<std::int32_t>(channels)));
    for (std::size_t c = 0; c < channels; ++c) put(c, hn::GatherIndex(d, output + c, index));
  }

 private:
  void put(std::size_t channel, V value) {
    valid = hn::And(valid, is_number(value));
    hn::Store(value, Floats(), values.data() + channel * kLanes);
  }
};

V softmax(const Block& block, const ClassSet& kept) {
  const Floats d;
  V largest = block[0];
  for (std::size_t c = 1; c < block.channels; ++c) largest = hn::Max(largest, block[c]);
  V sum = hn::Zero(d), kept_sum = hn::Zero(d);
  for (std::size_t c = 0; c < block.channels; ++c) {
    const V value = exponential(d, hn::Sub(block[c], largest));
    sum = hn::Add(sum, value);
    if (kept[c]) kept_sum = hn::Add(kept_sum, value);
  }
  // Infinite values have no largest one: this sum is then NaN, else 0.
  return hn::Add(hn::Div(kept_sum, sum), hn::Sub(largest, largest));
}

V sum_kept(const Block& block, const ClassSet& kept) {
  const Floats d;
  V sum = hn::Zero(d);
  for (std::size_t c = 0; c < block.channels; ++c) {
    if (kept[c]) sum = hn::Add(sum, block[c]);
  }
  // The sum of opposite infinities is NaN.
  return at_most(sum, hn::Set(d, 1.0f));
}

V arg_max(const Block& block, const ClassSet& kept) {
  const Floats d;
  const auto answer = [&](std::size_t c) { return hn::Set(d, kept[c] ? 1.0f : 0.0f); };
  V largest = block[0], result = answer(0);
  for (std::size_t c = 1; c < block.channels; ++c) {
    const Mask larger = hn::Gt(block[c], largest);
    largest = hn::IfThenElse(larger, block[c], largest);
    result = hn::IfThenElse(larger, answer(c), result);
  }
  return result;
}

void store(V values, float* to, std::size_t count) {
  const Floats d;
  if (count == kLanes) return hn::StoreU(values, d, to);
  HWY_ALIGN std::array<float, kLanes> all;
  hn::Store(values, d, all.data());
  std::copy_n(all.begin(), count, to);
}

// Computes activation(block) for all pixels.
template <typename Activation>
void for_each_block(std::span<const float> output, std::size_t channels, float* probabilities,
                    const Activation& activation) {
  const std::size_t pixels = output.size() / channels;
  Block block(channels);
  for (std::size_t x = 0; x < pixels; x += kLanes) {
    const std::size_t count = std::min(kLanes, pixels - x);
    block.load(output.data() + x * channels, count);
    const V result = activation(block);
    const Mask valid = hn::And(block.valid, is_number(result));
    store(hn::IfThenElseZero(valid, result), probabilities + x, count);
  }
}

void activate(std::span<const float> output, const OutputFormat& format, float* probabilities) {
  const auto run = [&](const auto& activation) {
    for_each_block(output, format.channels, probabilities, activation);
  };
  const ClassSet& kept = format.kept;
  switch (format.kind) {
    case OutputKind::kProbability:
      return run([](const Block& block) { return block[0]; });
    case OutputKind::kLogit:
      return run([](const Block& block) { return sigmoid(Floats(), block[0]); });
    case OutputKind::kLogits:
      if (format.channels == 2 && kept[0] != kept[1]) {
        const std::size_t person = kept[1] ? 1 : 0;
        return run([person](const Block& block) {
          return sigmoid(Floats(), hn::Sub(block[person], block[1 - person]));
        });
      }
      return run([&](const Block& block) { return softmax(block, kept); });
    case OutputKind::kProbabilities:
      return run([&](const Block& block) { return sum_kept(block, kept); });
    case OutputKind::kArgMax:
      return run([&](const Block& block) { return arg_max(block, kept); });
    case OutputKind::kLabel:
      break;
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {
namespace {

HWY_EXPORT(activate);

bool is_kept(float label, const ClassSet& kept) {
  constexpr float kEnd = kMaxClasses - 0.5f;
  return label >= -0.5f && label < kEnd && kept[static_cast<std::size_t>(label + 0.5f)];
}

}  // namespace

void activate(std::span<const float> output, const OutputFormat& format, float* probabilities) {
  BACKDROP_ASSERT(format.channels >= 1 && format.channels <= kMaxClasses);
  BACKDROP_ASSERT(output.size() % format.channels == 0);
  if (format.kind == OutputKind::kLabel) {
    std::ranges::transform(output, probabilities,
                           [&](float label) { return is_kept(label, format.kept) ? 1.0f : 0.0f; });
  } else {
    HWY_DYNAMIC_DISPATCH(activate)(output, format, probabilities);
  }
}

}  // namespace backdrop
#endif  // HWY_ONCE
