// A mask whose edges are those of the frame, at a constant cost per pixel.
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

// Luma around zero, which guides the filter: Y as it is stored, or (77 R + 150 G + 29 B) / 256,
// from 0 to 256 as -32768 to 32768. Writes `width` values.
void guide_row(const std::uint8_t* pixels, PixelFormat format, int width, std::int16_t* guide);

// Of a line, slope * guide + intercept, in 1/kLineUnit.
inline constexpr int kLineUnit = 4096;

// Rows of lines, or of samples between them.
struct Lines {
  const std::int16_t* slopes = nullptr;
  const std::int16_t* intercepts = nullptr;
};

// Blends two rows of lines, the second weighted by weight / 32768, and puts the probabilities that
// they give, clamped to 0 ... 1, in 1/32767, in place of the guide. n is a multiple of 32, and the
// rows are aligned.
void apply_lines(const Lines& first, const Lines& second, std::int16_t weight, std::size_t n,
                 std::int16_t* guide);

// The fast guided filter (He, Sun, "Fast Guided Filter", arXiv:1505.00996, 2015; He, Sun, Tang,
// "Guided Image Filtering", TPAMI 2013), guided by luma, up to its enlargement: at the mask's size
// it finds for each pixel the line from luma to probability. These, enlarged, give each of the
// frame's pixels its probability.
class GuidedFilter {
 public:
  GuidedFilter() = default;
  ~GuidedFilter();

  GuidedFilter(const GuidedFilter&) = delete;
  GuidedFilter& operator=(const GuidedFilter&) = delete;

  // Prepares for masks, and frames of one format that are no smaller. False when there is no
  // memory.
  [[nodiscard]] bool prepare(int mask_width, int mask_height, PixelFormat format, int width,
                             int height, const Executor& executor);

  // Fits the lines to a mask of the size prepared for. Allocates nothing. Windows and
  // regularization are those of guided_radius and guided_epsilon. Slopes steeper than 4 are cut,
  // which happens where sigma_color is below about 0.03.
  void fit(std::span<const float> mask, const ConstFrame& frame, const Refinement& refinement,
           Executor& executor);

  // A row of the lines; up to 8 values after it can be read.
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
  std::size_t sums_size_ = 0;   // of a thread's part of sums_
  Buffer<std::uint16_t> sums_;  // per thread: rows of the frame; of luma, also these interleaved
  Buffer<float> shrunk_;        // per thread: rows of the mask's width
  Buffer<float> guide_;         // at the mask's size, -1 to 1
  Buffer<float> moments_;       // guide, mask, guide^2 and guide * mask of each pixel
  Buffer<float> lines_;         // slope and intercept of each window
  Buffer<float> columns_;       // a row of sums over a window's height
  Buffer<std::int16_t> slopes_, intercepts_;
};

}  // namespace backdrop
