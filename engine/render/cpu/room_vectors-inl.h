// Vectors of half-size pixels, for the kernels of the learned room. Included once for each
// instruction set, inside Highway's foreach_target.
#if defined(BACKDROP_RENDER_CPU_ROOM_VECTORS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BACKDROP_RENDER_CPU_ROOM_VECTORS_INL_H_
#undef BACKDROP_RENDER_CPU_ROOM_VECTORS_INL_H_
#else
#define BACKDROP_RENDER_CPU_ROOM_VECTORS_INL_H_
#endif

#include <cstdint>

#include "hwy/highway.h"
#include "render/cpu/room_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, kRoomBlock>;
using Ints = hn::RebindToSigned<Floats>;
using V = hn::Vec<Floats>;

HWY_INLINE V set(float value) { return hn::Set(Floats(), value); }

template <typename T>
HWY_INLINE V load_floats(const T* from) {
  return hn::ConvertTo(Floats(), hn::PromoteTo(Ints(), hn::LoadU(hn::Rebind<T, Floats>(), from)));
}

// How well the room is known where it was learned from so many frames: 0, below kKnownCount, to 1.
HWY_INLINE V load_known(const std::int16_t* counts) {
  constexpr float kUnknown = kKnownCount - 1;
  const V known =
      hn::Mul(hn::Sub(load_floats(counts), set(kUnknown)), set(1 / (kFullCount - kUnknown)));
  return hn::Clamp(known, hn::Zero(Floats()), set(1));
}

}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#endif  // BACKDROP_RENDER_CPU_ROOM_VECTORS_INL_H_
