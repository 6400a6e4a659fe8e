// Activations on vectors; NaN stays NaN. Included once for each instruction set, inside Highway's
// foreach_target.
#if defined(BACKDROP_NET_KERNELS_ACTIVATION_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BACKDROP_NET_KERNELS_ACTIVATION_INL_H_
#undef BACKDROP_NET_KERNELS_ACTIVATION_INL_H_
#else
#define BACKDROP_NET_KERNELS_ACTIVATION_INL_H_
#endif

#include <cstddef>
#include <limits>

#include "net/graph/graph.h"
#include "simd/exponential-inl.h"
#include "simd/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {

// Whether an activation is applied after a tile is stored (finish_curved) instead of while it is
// stored. A sigmoid's temporaries would occupy the tile's registers.
HWY_INLINE bool is_curved(Activation activation) { return activation == Activation::kSigmoid; }

#if HWY_TARGET == HWY_SCALAR
// Scalar min/max compile to branches that mispredict; sums and absolute values stay branch-free.
HWY_INLINE V at_least_zero(V x) { return hn::Mul(hn::Set(D(), 0.5F), hn::Add(x, hn::Abs(x))); }
HWY_INLINE V at_most_positive(V x, V bound) {
  return hn::Sub(bound, at_least_zero(hn::Sub(bound, x)));
}

struct Clamp {
  Activation activation;

  explicit Clamp(Activation which) : activation(which) {}

  V operator()(V x) const {
    if (activation == Activation::kRelu) return at_least_zero(x);
    if (activation == Activation::kRelu6) {
      return at_most_positive(at_least_zero(x), hn::Set(D(), 6.0F));
    }
    return x;
  }
};
#else
HWY_INLINE V at_least_zero(V x) { return at_least(x, hn::Zero(D())); }
HWY_INLINE V at_most_positive(V x, V bound) { return at_most(x, bound); }

struct Clamp {
  V low, high;

  explicit Clamp(Activation activation) {
    const bool is_bounded = activation == Activation::kRelu || activation == Activation::kRelu6;
    // Not Highway's Inf, which GCC computes while sums are in all registers, and spills some.
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    low = hn::Set(D(), is_bounded ? 0.0F : -kInfinity);
    high = hn::Set(D(), activation == Activation::kRelu6 ? 6.0F : kInfinity);
  }

  V operator()(V x) const { return at_most(at_least(x, low), high); }
};
#endif

struct Identity {
  V operator()(V x) const { return x; }
};

struct HardSwish {
  V operator()(V x) const {
    const D d;
    const V ramp = hn::MulAdd(x, hn::Set(d, 1.0F / 6.0F), hn::Set(d, 0.5F));
    return hn::Mul(x, at_most_positive(at_least_zero(ramp), hn::Set(d, 1.0F)));
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
      return at_most_positive(at_least_zero(x), hn::Set(d, 6.0F));
    case Activation::kHardSwish:
      return HardSwish()(x);
    case Activation::kSigmoid:
      return sigmoid(d, x);
  }
  return x;
}

// values = activation(values) + residual. `residual` may be null.
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
