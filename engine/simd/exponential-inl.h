// e^x and the sigmoid of vectors of floats. Included once for each instruction set, inside
// Highway's foreach_target.
#if defined(BACKDROP_SIMD_EXPONENTIAL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BACKDROP_SIMD_EXPONENTIAL_INL_H_
#undef BACKDROP_SIMD_EXPONENTIAL_INL_H_
#else
#define BACKDROP_SIMD_EXPONENTIAL_INL_H_
#endif

#include "hwy/highway.h"
#include "simd/bounds-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {

// e^x for x up to 87, with a relative error below 2e-7; NaN for NaN. x is clamped to -87 below, so
// that no result is denormal: processors take a hundred times as long for denormals. x = n * ln 2 +
// r; e^r is the polynomial of Cephes' expf.
template <class D, class V = hwy::HWY_NAMESPACE::Vec<D>>
HWY_INLINE V exponential(D d, V x) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::RebindToSigned<D> di;
  const V clamped = at_least(x, hn::Set(d, -87.0F));
  // Adding it leaves the nearest integer in the last bits of the mantissa.
  const V magic = hn::Set(d, 0x1.8p23F);
  const V shifted = hn::MulAdd(clamped, hn::Set(d, 1.44269504F), magic);
  const V n = hn::Sub(shifted, magic);
  // ln 2 split in two, so that n times the first part is exact.
  const V r = hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4F),
                            hn::NegMulAdd(n, hn::Set(d, 0.693359375F), clamped));
  V sum = hn::Set(d, 1.9875691500e-4F);
  for (const float coefficient :
       {1.3981999507e-3F, 8.3334519073e-3F, 4.1665795894e-2F, 1.6666665459e-1F, 5.0000001201e-1F}) {
    sum = hn::MulAdd(sum, r, hn::Set(d, coefficient));
  }
  sum = hn::MulAdd(hn::Mul(sum, r), r, hn::Add(r, hn::Set(d, 1.0F)));
  const auto exponent = hn::Add(hn::BitCast(di, shifted), hn::Set(di, 127));
  return hn::Mul(sum, hn::BitCast(d, hn::ShiftLeft<23>(exponent)));
}

// 1 / (1 + e^-x), NaN for NaN; computed for -|x|, where the 1 loses no precision, and mirrored for
// positive x.
template <class D, class V = hwy::HWY_NAMESPACE::Vec<D>>
HWY_INLINE V sigmoid(D d, V x) {
  namespace hn = hwy::HWY_NAMESPACE;
  const V one = hn::Set(d, 1.0F);
  const V power = exponential(d, hn::Neg(hn::Abs(x)));
  const V result = hn::Div(power, hn::Add(power, one));
  return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), hn::Sub(one, result), result);
}

}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#endif  // BACKDROP_SIMD_EXPONENTIAL_INL_H_
