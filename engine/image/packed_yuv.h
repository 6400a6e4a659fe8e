// YUV whose samples share one plane: the kernels work on I420 that is made of it.
#pragma once

#include "base/executor.h"
#include "image/frame.h"

namespace backdrop {

// Copies the luma of a YUY2 frame to I420 of the same size; chroma is the mean of two rows. Beyond
// an odd width the second luma of a pair is ignored.
void unpack_yuy2(const ConstFrame& yuy2, const Frame& i420, Executor& executor);

// The alpha of I420's chroma: rows `stride` bytes apart; 255 is the person.
struct ChromaAlpha {
  const std::uint8_t* data = nullptr;
  std::ptrdiff_t stride = 0;
};

// Writes `i420`, which was unpacked from `original` and composited, to `out`. `original` and `out`
// are YUY2, and may be the same picture. What the mean of two rows lost of the chroma is added
// again as far as the pixels are the person's, and nowhere else. Padding stays as it is in
// `original`.
void pack_yuy2(const ConstFrame& i420, const ConstFrame& original, const ChromaAlpha& person,
               const Frame& out, Executor& executor);

}  // namespace backdrop
