// 16-bit fixed point. Included once for each instruction set, inside Highway's foreach_target.
#if defined(BACKDROP_SIMD_FIXED_POINT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BACKDROP_SIMD_FIXED_POINT_INL_H_
#undef BACKDROP_SIMD_FIXED_POINT_INL_H_
#else
#define BACKDROP_SIMD_FIXED_POINT_INL_H_
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {

// round(a * b / 32768). a and b must not both be -32768: relaxed SIMD may or may not saturate
// there.
template <class V>
HWY_INLINE V multiply_q15(V a, V b) {
#if HWY_TARGET == HWY_WASM && defined(__wasm_relaxed_simd__)
  return V{wasm_i16x8_relaxed_q15mulr(a.raw, b.raw)};
#else
  return hwy::HWY_NAMESPACE::MulFixedPoint15(a, b);
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#endif  // BACKDROP_SIMD_FIXED_POINT_INL_H_
