// Vectors of floats and loops over them. Included once for each instruction set, inside Highway's
// foreach_target.
#if defined(BACKDROP_SIMD_VECTORS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BACKDROP_SIMD_VECTORS_INL_H_
#undef BACKDROP_SIMD_VECTORS_INL_H_
#else
#define BACKDROP_SIMD_VECTORS_INL_H_
#endif

#include <cstddef>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

// A constant, because the engine is built only for targets whose vectors have a fixed size.
constexpr std::size_t kLanes = HWY_LANES(float);

HWY_INLINE std::size_t to_size(int value) { return static_cast<std::size_t>(value); }

// Pins an accumulator in its register. LLVM would otherwise regroup an unrolled loop into one chain
// for each accumulator and hoist the loads, which makes WebAssembly engines spill.
HWY_INLINE V pinned(V accumulator) {
#if defined(__wasm__)
  asm volatile("" : "+r"(accumulator.raw));
#endif
  return accumulator;
}

// Loads and stores of the first `count` lanes, for arrays shorter than a vector.
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

// Calls body(offset, count) for each vector of `size` floats. The last vector overlaps the one
// before instead of being partial. `count` is kLanes, or `size` if `size` is less than a vector.
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

}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#endif
