// Bounds on vectors of floats that keep NaN: Highway's Max and Min return the other operand, which
// would make a number of what is unknown. Included once for each instruction set, inside Highway's
// foreach_target.
#if defined(BACKDROP_SIMD_BOUNDS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BACKDROP_SIMD_BOUNDS_INL_H_
#undef BACKDROP_SIMD_BOUNDS_INL_H_
#else
#define BACKDROP_SIMD_BOUNDS_INL_H_
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {

// max(x, bound) and min(x, bound); NaN if x is NaN. `bound` is a number. Highway's targets without
// vector instructions compare, on every architecture.
#if (HWY_ARCH_X86 || HWY_ARCH_WASM) && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
// These instructions return their second operand if one of the two is NaN.
template <class V>
HWY_INLINE V at_least(V x, V bound) {
  return hwy::HWY_NAMESPACE::Max(bound, x);
}
template <class V>
HWY_INLINE V at_most(V x, V bound) {
  return hwy::HWY_NAMESPACE::Min(bound, x);
}
#elif HWY_ARCH_ARM && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
// These instructions return NaN; those that Highway uses on AArch64 do not.
template <class V>
HWY_INLINE V at_least(V x, V bound) {
  return V{vmaxq_f32(x.raw, bound.raw)};
}
template <class V>
HWY_INLINE V at_most(V x, V bound) {
  return V{vminq_f32(x.raw, bound.raw)};
}
#else
template <class V>
HWY_INLINE V at_least(V x, V bound) {
  namespace hn = hwy::HWY_NAMESPACE;
  return hn::IfThenElse(hn::Lt(x, bound), bound, x);
}
template <class V>
HWY_INLINE V at_most(V x, V bound) {
  namespace hn = hwy::HWY_NAMESPACE;
  return hn::IfThenElse(hn::Lt(bound, x), bound, x);
}
#endif

// The larger of two; NaN if one of the two is NaN.
template <class V>
HWY_INLINE V larger_or_nan(V a, V b) {
  namespace hn = hwy::HWY_NAMESPACE;
  return hn::IfThenElse(hn::Eq(b, b), at_least(a, b), b);
}

}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#endif
