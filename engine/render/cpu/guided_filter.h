// The guided filter: aligns the mask's edges with the frame's, at a constant cost per pixel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/buffer.h"
#include "image/frame.h"
#include "image/resize.h"
#include "render/render_settings.h"
#include "base/executor.h"

namespace backdrop {

// Computes the guide: luma around zero. Luma is Y as stored or (77 R + 150 G + 29 B) / 256; 0 to
// 256 becomes -32768 to 32768. Writes `width` values.
void guide_row(const std::uint8_t* pixels, PixelFormat format, int width, std::int16_t* guide);

// Slopes and intercepts are in 1/kLineUnit: probability = slope * guide + intercept.
inline constexpr int kLineUnit = 4096;

// A row of lines, or of values interpolated between lines.
struct Lines {
  const std::int16_t* slopes = nullptr;
  const std::int16_t* intercepts = nullptr;
};

// Interpolates two rows of lines (the second weighted by weight / 32768), applies them to the guide
// and replaces it with the probabilities, clamped to 0 ... 1, in 1/32767. n is a multiple of 32;
// the rows are aligned to 64 bytes.
void apply_lines(const Lines& first, const Lines& second, std::int16_t weight, std::size_t n,
                 std::int16_t* guide);

// The fast guided filter (He, Sun, "Fast Guided Filter", arXiv:1505.00996, 2015; He, Sun, Tang,
// "Guided Image Filtering", TPAMI 2013) without its upsampling. Guided by luma, it fits at the
// mask's size a line from luma to probability for each pixel. Enlarged, the lines give the
// probability of each pixel of the frame.
class GuidedFilter {
 public:
  GuidedFilter() = default;
  ~GuidedFilter();

  GuidedFilter(const GuidedFilter&) = delete;
  GuidedFilter& operator=(const GuidedFilter&) = delete;

  // Prepares for masks of one size and frames of one format and size, no smaller than the mask.
  // False without memory.
  [[nodiscard]] bool prepare(int mask_width, int mask_height, PixelFormat format, int width,
                             int height, const Executor& executor);

  // Fits the lines to a mask of the size prepared for. Allocates nothing. The window's radius and
  // the regularization are guided_radius and guided_epsilon. Slopes are clamped to -4 ... 4, which
  // matters for a sigma_color below about 0.03.
  void fit(std::span<const float> mask, const ConstFrame& frame, const Refinement& refinement,
           Executor& executor);

  // A row of lines; up to 8 values beyond it can be read.
  Lines row(int y) const {
    const std::size_t at = width_ * static_cast<std::size_t>(y);
    return {slopes_.data() + at, intercepts_.data() + at};
  }

 private:
  void shrink_frame(const ConstFrame& frame, Executor& executor);
  void shrink_luma(const ConstFrame& frame, int y, std::uint16_t* sums, float* shrunk);
  void shrink_rgb(const ConstFrame& frame, int y, std::uint16_t* sums, float* shrunk);

  std::size_t width_ = 0, height_ = 0;
  ResizeTaps frame_columns_, frame_rows_;
  std::size_t samples_ = 0;     // of a row of the frame
  std::size_t sums_size_ = 0;   // of sums_, for one thread
  Buffer<std::uint16_t> sums_;  // per thread: rows of the frame; for luma also the same interleaved
  Buffer<float> shrunk_;        // per thread: rows of the mask's width
  Buffer<float> guide_;         // at the mask's size, -1 to 1
  Buffer<float> moments_;       // guide, mask, guide^2 and guide * mask of each pixel
  Buffer<float> lines_;         // slope and intercept of each window
  Buffer<float> columns_;       // a row of sums over a window's height
  Buffer<std::int16_t> slopes_, intercepts_;
};

}  // namespace backdrop
