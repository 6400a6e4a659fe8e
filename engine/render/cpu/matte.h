// From a mask to the alpha of every pixel of a frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/buffer.h"
#include "image/frame.h"
#include "image/interpolation.h"
#include "image/resize.h"
#include "render/cpu/alpha.h"
#include "render/render_settings.h"
#include "render/cpu/guided_filter.h"
#include "base/executor.h"

namespace backdrop {

// Alpha of one plane of a frame, 0 background to 255 person. kAlphaPadding bytes after a row's last
// pixel can be read; they repeat it.
inline constexpr std::size_t kAlphaPadding = 64;
struct AlphaPlane {
  const std::uint8_t* data = nullptr;
  std::ptrdiff_t stride = 0;

  const std::uint8_t* row(int y) const { return data + y * stride; }
};

class Matte {
 public:
  // Prepares for masks of one size and frames of one format and size; for render_guided only if
  // `refined`. False when there is no memory.
  [[nodiscard]] bool prepare(int mask_width, int mask_height, PixelFormat format, int width,
                             int height, bool refined, const Executor& executor);

  // Computes the planes from a mask of the size prepared for. Allocates nothing. The mask is
  // enlarged with bilinear interpolation, pixel centres aligned, and averaged by area where the
  // frame is smaller.
  void render(std::span<const float> mask, const Coverage& coverage, Executor& executor);

  // The same, refined by the guided filter with the sigmas of `refinement`: edges are those of
  // `frame`, which is of the format and size prepared for.
  void render_guided(std::span<const float> mask, const ConstFrame& frame,
                     const Refinement& refinement, const Coverage& coverage, Executor& executor);

  // The alpha of a frame's plane; chroma has the mean of 2x2 pixels, and exists for YUV only.
  AlphaPlane plane(int plane) const;

 private:
  // A size, with the bytes from one row to the next.
  struct Extent {
    int width = 0;
    int height = 0;
    std::size_t stride = 0;
  };

  // Enlarged rows of the mask that a row of the frame lies between, and a row to work in.
  struct Enlarged {
    const std::int16_t* first;
    const std::int16_t* second;
    std::int16_t weight;  // of the second, in 1/32768
    std::int16_t* spare;
  };

  std::size_t offset(int y) const { return full_.stride * static_cast<std::size_t>(y); }
  std::span<const float> no_larger_than_frame(std::span<const float> mask);
  template <typename Enlarge, typename Render>
  void render_rows(Executor& executor, const Enlarge& enlarge, const Render& render);

  bool has_chroma_ = false;
  Extent source_, full_, half_, mask_;   // mask_ is what is enlarged: no larger than the frame
  ResizeTaps mask_columns_, mask_rows_;  // for a frame smaller than the mask
  std::vector<EnlargedBlock> columns_;
  Buffer<float> narrow_, shrunk_;  // the mask with shrunk rows, and no larger than the frame
  Buffer<std::int16_t> values_;    // the mask that is enlarged, in 1/32767
  std::unique_ptr<GuidedFilter> guided_filter_;  // if prepared for refinement
  Buffer<std::int16_t> rows_;                    // per thread: rows of the frame's width
  Buffer<std::uint8_t> alpha_, chroma_;          // at the frame's size and at half of it
};

}  // namespace backdrop
