// The matte: alpha for every pixel of a frame, from the mask.
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

// Alpha of one plane of a frame: 0 is background, 255 person. The kAlphaPadding bytes after a row's
// last pixel repeat it.
inline constexpr std::size_t kAlphaPadding = 64;
struct AlphaPlane {
  const std::uint8_t* data = nullptr;
  std::ptrdiff_t stride = 0;

  const std::uint8_t* row(int y) const { return data + y * stride; }
};

class Matte {
 public:
  // Prepares for masks of one size and frames of one format and size. render_guided needs
  // `refined`. False without memory.
  [[nodiscard]] bool prepare(int mask_width, int mask_height, PixelFormat format, int width,
                             int height, bool refined, const Executor& executor);

  // Computes alpha from a mask of the size prepared for. Allocates nothing. The mask is enlarged
  // bilinearly with aligned pixel centres, or averaged by area along an axis along which the frame
  // is smaller.
  void render(std::span<const float> mask, const Coverage& coverage, Executor& executor);

  // The same, refined near the mask's edge by the guided filter with the sigmas of `refinement`, so
  // that edges follow `frame`, which has the format and size prepared for.
  void render_guided(std::span<const float> mask, const ConstFrame& frame,
                     const Refinement& refinement, const Coverage& coverage, Executor& executor);

  // Limits the alpha of the pixels [begin, end) of row y to their own in `frame`, RGBA or BGRA of
  // the size prepared for: what is clear there is background. Threads may limit different rows.
  void limit(const ConstFrame& frame, int y, int begin, int end);

  // The same for the whole frame, and for half().
  void limit(const ConstFrame& frame, Executor& executor);

  // Whether one of these was called since alpha was computed from a mask.
  bool is_limited() const { return is_limited_; }

  int width() const { return full_.width; }
  int height() const { return full_.height; }

  // A row of alpha to change. When the pixels [begin, end) of rows 2y and 2y + 1 are as they are to
  // be, finish_rows(y, begin, end) computes half() from them. Threads may change different rows.
  std::uint8_t* row(int y) { return alpha_.data() + offset(y); }
  void finish_rows(int y, int begin, int end);

  // The rounded means of 2x2 alphas; the last row or column of an odd size stands for the one that
  // is missing. They can be read up to 15 pixels beyond the end of a row.
  AlphaPlane half() const {
    return {half_alpha_.data(), static_cast<std::ptrdiff_t>(half_.stride)};
  }

  // The alpha of a frame's plane: half() for subsampled chroma.
  AlphaPlane plane(int plane) const;

 private:
  // A size and the samples from one row to the next.
  struct Extent {
    int width = 0;
    int height = 0;
    std::size_t stride = 0;
  };

  // The two rows of the mask that a row of the frame is between, enlarged, and a scratch row.
  struct Enlarged {
    LinearSample between;
    const std::int16_t* first;
    const std::int16_t* second;
    std::int16_t* spare;
  };

  std::size_t offset(int y) const { return full_.stride * static_cast<std::size_t>(y); }
  std::span<const float> take(std::span<const float> mask);
  std::span<const float> no_larger_than_frame(std::span<const float> mask);
  void render_rows(const Ramp& ramp, const ConstFrame* frame, Executor& executor);
  void enlarge_mask(int y, const Ramp& ramp, std::int16_t* row) const;
  void enlarge_lines(int y, std::int16_t* row) const;
  void render_row(const Enlarged& rows, int y, const Ramp& ramp);
  void refine_row(const Enlarged& rows, int y, const ConstFrame& frame, const Ramp& ramp);

  bool is_subsampled_ = false;  // whether the frame's chroma is
  bool is_limited_ = false;
  Extent source_, full_, half_, mask_;   // mask_: what is enlarged, no larger than the frame
  ResizeTaps mask_columns_, mask_rows_;  // for a frame smaller than the mask
  std::vector<EnlargedBlock> columns_;
  Buffer<float> unshrunk_row_, shrunk_;          // a row, and the mask no larger than the frame
  Buffer<std::int16_t> values_;                  // the mask to enlarge, in 1/32767
  std::unique_ptr<GuidedFilter> guided_filter_;  // if prepared for refinement
  EdgeCells edges_;                              // likewise
  Buffer<std::int16_t> rows_;                    // per thread: rows of the frame's width
  Buffer<std::uint8_t> alpha_, half_alpha_;      // at the frame's size, and at half of it
};

}  // namespace backdrop
