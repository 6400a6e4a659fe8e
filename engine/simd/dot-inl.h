// Products of small integers, several of which are added into each lane of 32 bits. Included once
// for each instruction set, inside Highway's foreach_target.
#if defined(BACKDROP_SIMD_DOT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BACKDROP_SIMD_DOT_INL_H_
#undef BACKDROP_SIMD_DOT_INL_H_
#else
#define BACKDROP_SIMD_DOT_INL_H_
#endif

#include <cstdint>

#include "simd/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {

using DI = hn::RebindToSigned<D>;
using VI = hn::Vec<DI>;

// Whether Dot takes fewer instructions than the same products of floats. Not all of ARM's
// processors have the instruction: see arm_dot_product.h.
#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
constexpr bool kHasDot = true;
#elif HWY_TARGET == HWY_WASM || HWY_ARCH_ARM_A64
constexpr bool kHasDot = true;
#else
constexpr bool kHasDot = false;
#endif

// Dot multiplies samples from kSampleMin to kSampleMax by weights from -127 to 127, and adds
// kDotDepth neighbouring products into a lane. Within these ranges the result is exact, and so the
// same on every machine: beyond them `relaxed_dot` may take the sample for signed, and it and
// `maddubs` may saturate.
#if HWY_ARCH_ARM_A64
using Sample = std::int8_t;
constexpr int kSampleMin = -128, kSampleMax = 127;
#elif HWY_TARGET == HWY_SSE2 || (HWY_TARGET == HWY_WASM && !defined(__wasm_relaxed_simd__)) || \
    (!HWY_ARCH_X86 && HWY_TARGET != HWY_WASM)
using Sample = std::int16_t;
constexpr int kSampleMin = 0, kSampleMax = 1023;
#elif HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3_DL
using Sample = std::uint8_t;
constexpr int kSampleMin = 0, kSampleMax = 255;
#else
using Sample = std::uint8_t;
constexpr int kSampleMin = 0, kSampleMax = 127;
#endif
constexpr std::size_t kDotDepth = sizeof(std::int32_t) / sizeof(Sample);

// As pinned() of floats.
HWY_INLINE VI pinned(VI accumulator) {
#if defined(__wasm__)
  asm volatile("" : "+r"(accumulator.raw));
#endif
  return accumulator;
}

#if HWY_ARCH_ARM_A64
// sums + samples * weights, where lane kGroup of the samples is multiplied by every lane of
// weights. Volatile keeps the order, in which no product has to wait for the one before.
struct Dot {
  template <int kGroup>
  HWY_INLINE VI add(VI sums, VI samples, VI weights) const {
    asm volatile(
#if !defined(__ARM_FEATURE_DOTPROD)
        // Highway's target does not name the instruction to the compiler.
        ".arch armv8.2-a+crypto+dotprod\n\t"
#endif
        "sdot %0.4s, %1.16b, %2.4b[%c3]"
        : "+w"(sums.raw)
        : "w"(weights.raw), "w"(samples.raw), "i"(kGroup));
    return sums;
  }
};
#else
// sums + samples * weights
struct Dot {
  HWY_INLINE VI add(VI sums, VI samples, VI weights) const {
#if HWY_TARGET == HWY_WASM && defined(__wasm_relaxed_simd__)
    return VI{__i32x4(
        __builtin_wasm_relaxed_dot_i8x16_i7x16_add_s_i32x4(weights.raw, samples.raw, sums.raw))};
#elif HWY_TARGET == HWY_WASM
    return hn::Add(sums, VI{__i32x4(wasm_i32x4_dot_i16x8(samples.raw, weights.raw))});
#elif HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3_DL
    // Highway's target does not name the instruction to the compiler.
    asm("vpdpbusd %2, %1, %0" : "+v"(sums.raw) : "v"(samples.raw), "v"(weights.raw));
    return sums;
#elif HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
    const auto pairs = _mm512_maddubs_epi16(samples.raw, weights.raw);
    return hn::Add(sums, VI{_mm512_madd_epi16(pairs, _mm512_set1_epi16(1))});
#elif HWY_TARGET == HWY_AVX2
    const auto pairs = _mm256_maddubs_epi16(samples.raw, weights.raw);
    return hn::Add(sums, VI{_mm256_madd_epi16(pairs, _mm256_set1_epi16(1))});
#elif HWY_TARGET == HWY_SSE4 || HWY_TARGET == HWY_SSSE3
    const auto pairs = _mm_maddubs_epi16(samples.raw, weights.raw);
    return hn::Add(sums, VI{_mm_madd_epi16(pairs, _mm_set1_epi16(1))});
#elif HWY_TARGET == HWY_SSE2
    return hn::Add(sums, VI{_mm_madd_epi16(samples.raw, weights.raw)});
#else
    return hn::Add(sums, hn::Mul(samples, weights));  // not reached: kHasDot
#endif
  }
};
#endif

#if HWY_TARGET == HWY_WASM && defined(__wasm_relaxed_simd__)
// The same in three instructions. V8 makes five of the one above on x86 without AVX-VNNI, of which
// two make a vector of ones anew each time; here it stays in a register.
class DotInThree {
 public:
  HWY_INLINE VI add(VI sums, VI samples, VI weights) const {
    const v128_t pairs = __builtin_wasm_relaxed_dot_i8x16_i7x16_s_i16x8(weights.raw, samples.raw);
    return hn::Add(sums, VI{__i32x4(wasm_i32x4_dot_i16x8(pairs, ones_.raw))});
  }

 private:
  VI ones_ = pinned(hn::Set(DI(), 0x10001));  // the compiler must not know that they are ones
};

// Calls run() with what adds products in the fewest instructions. Beyond the ranges above, each
// kind of processor gives itself away: only on x86 without AVX-VNNI do two products saturate.
template <class Run>
HWY_INLINE void with_dot(const Run& run) {
  const VI sums = Dot().add(hn::Zero(DI()), hn::Set(DI(), -1), hn::Set(DI(), 0x7F7F7F7F));
  constexpr std::int32_t kSaturated = 2 * 32767;
  if (hn::GetLane(sums) == kSaturated) {
    run(DotInThree());
  } else {
    run(Dot());
  }
}
#else
template <class Run>
HWY_INLINE void with_dot(const Run& run) {
  run(Dot());
}
#endif

}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#endif
