// What the kernels share, compiled once for each instruction set. No include guard in the usual
// sense: hwy/foreach_target.h includes it again for every target.
#if defined(BACKDROP_NET_KERNELS_SIMD_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BACKDROP_NET_KERNELS_SIMD_INL_H_
#undef BACKDROP_NET_KERNELS_SIMD_INL_H_
#else
#define BACKDROP_NET_KERNELS_SIMD_INL_H_
#endif

#include <algorithm>
#include <cstddef>

#include "simd/exponential-inl.h"
#include "net/graph/graph.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

// The targets that the engine is built for have vectors of a fixed size.
constexpr std::size_t kLanes = HWY_LANES(float);

HWY_INLINE std::size_t to_size(int value) { return static_cast<std::size_t>(value); }

// An accumulator, kept where it is. LLVM would regroup an unrolled loop into one chain per
// accumulator and hoist the loads; engines that compile WebAssembly then spill.
HWY_INLINE V pinned(V accumulator) {
#if defined(__wasm__)
  asm volatile("" : "+r"(accumulator.raw));
#endif
  return accumulator;
}

// What a tile's accumulators go through on their way out. A sigmoid is not one of these: it would
// take a tile's registers, and is done after the tile is stored.
HWY_INLINE bool is_curved(Activation activation) { return activation == Activation::kSigmoid; }

#if HWY_TARGET == HWY_SCALAR
// Minima and maxima of single numbers are compiled to jumps, which are foretold badly: sums and
// absolute values are not.
HWY_INLINE V at_least_zero(V x) { return hn::Mul(hn::Set(D(), 0.5F), hn::Add(x, hn::Abs(x))); }
HWY_INLINE V at_most(V x, V bound) { return hn::Sub(bound, at_least_zero(hn::Sub(bound, x))); }

struct Clamp {
  Activation activation;

  explicit Clamp(Activation which) : activation(which) {}

  V operator()(V x) const {
    if (activation == Activation::kRelu) return at_least_zero(x);
    if (activation == Activation::kRelu6) return at_most(at_least_zero(x), hn::Set(D(), 6.0F));
    return x;
  }
};
#else
HWY_INLINE V at_least_zero(V x) { return hn::Max(x, hn::Zero(D())); }
HWY_INLINE V at_most(V x, V bound) { return hn::Min(x, bound); }

struct Clamp {
  V low, high;

  explicit Clamp(Activation activation) {
    const bool is_bounded = activation == Activation::kRelu || activation == Activation::kRelu6;
    low = is_bounded ? hn::Zero(D()) : hn::Set(D(), -hwy::HighestValue<float>());
    high = hn::Set(D(), activation == Activation::kRelu6 ? 6.0F : hwy::HighestValue<float>());
  }

  V operator()(V x) const { return hn::Min(hn::Max(x, low), high); }
};
#endif

struct Unchanged {
  V operator()(V x) const { return x; }
};

struct HardSwish {
  V operator()(V x) const {
    const D d;
    const V ramp = hn::MulAdd(x, hn::Set(d, 1.0F / 6.0F), hn::Set(d, 0.5F));
    return hn::Mul(x, at_most(at_least_zero(ramp), hn::Set(d, 1.0F)));
  }
};

HWY_INLINE V activate(Activation activation, V x) {
  const D d;
  switch (activation) {
    case Activation::kNone:
      return x;
    case Activation::kRelu:
      return at_least_zero(x);
    case Activation::kRelu6:
      return at_most(at_least_zero(x), hn::Set(d, 6.0F));
    case Activation::kHardSwish:
      return HardSwish()(x);
    case Activation::kSigmoid:
      return sigmoid(d, x);
  }
  return x;
}

// A load and a store of the first `count` lanes, for the places where fewer are left.
HWY_INLINE V load_some(const float* from, std::size_t count) {
  HWY_ALIGN float lanes[kLanes] = {};
  for (std::size_t i = 0; i < count; ++i) lanes[i] = from[i];
  return hn::Load(D(), lanes);
}

HWY_INLINE void store_some(V value, float* to, std::size_t count) {
  HWY_ALIGN float lanes[kLanes];
  hn::Store(value, D(), lanes);
  for (std::size_t i = 0; i < count; ++i) to[i] = lanes[i];
}

// Calls body(offset, count) for steps of a vector over `size` floats. The last step overlaps the
// one before it, so that no step is partial but where there is less than one vector: `count` is
// kLanes or, there, `size`.
template <typename Body>
HWY_INLINE void for_each_vector(std::size_t size, const Body& body) {
  if (size < kLanes) {
    body(std::size_t{0}, size);
    return;
  }
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) body(i, kLanes);
  if (i < size) body(size - kLanes, kLanes);
}

HWY_INLINE V load(const float* from, std::size_t count) {
  return count == kLanes ? hn::LoadU(D(), from) : load_some(from, count);
}

HWY_INLINE void store(V value, float* to, std::size_t count) {
  if (count == kLanes) {
    hn::StoreU(value, D(), to);
  } else {
    store_some(value, to, count);
  }
}

// values = activation(values) + residual, where there is one: the rest of what curved activations
// need.
HWY_NOINLINE inline void finish_curved(Activation activation, float* values, const float* residual,
                                       std::size_t size) {
  const auto finish = [&](std::size_t i, std::size_t lanes) HWY_ATTR {
    V result = activate(activation, load(values + i, lanes));
    if (residual != nullptr) result = hn::Add(result, load(residual + i, lanes));
    store(result, values + i, lanes);
  };
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) finish(i, kLanes);
  if (i < size) finish(i, size - i);
}

}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#endif
