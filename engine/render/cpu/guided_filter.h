// The guided filter: aligns the mask's edges with the frame's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/buffer.h"
#include "base/function_ref.h"
#include "image/frame.h"
#include "image/resize.h"
#include "render/cpu/edge_cells.h"
#include "render/cpu/guided_kernels.h"
#include "render/render_settings.h"
#include "base/executor.h"

namespace backdrop {

// The fast guided filter (He, Sun, "Fast Guided Filter", arXiv:1505.00996, 2015; He, Sun, Tang,
// "Guided Image Filtering", TPAMI 2013) without its upsampling. Guided by luma, it fits at the
// mask's size a line from luma to probability for each pixel. Enlarged, the lines give the
// probability of each pixel of the frame. Only what the pixels of cells at the mask's edge depend
// on is computed.
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
           const EdgeCells& edges, Executor& executor);

  // A row of lines: valid between which pixels of cells at the edge are interpolated. Up to 8
  // values beyond a row can be read.
  Lines row(int y) const;

 private:
  using Columns = EdgeCells::Columns;

  // A plane of the mask's size, whose rows can be read and written beyond both ends.
  class PaddedValues {
   public:
    [[nodiscard]] bool resize(int width, int height);
    float* row(int y) { return values_.data() + offset(y); }
    const float* row(int y) const { return values_.data() + offset(y); }
    // Repeats the outermost values of a row beyond it, if these columns have them.
    void pad(int y, const Columns& columns);

   private:
    std::size_t offset(int y) const;

    int width_ = 0;
    std::size_t stride_ = 0;
    Buffer<float> values_;
  };

  // A thread's memory: rows of the frame, and rows of the mask, either as pixels of four values or
  // as four rows.
  struct Scratch {
    std::uint16_t* sums;
    float* pixels;
    std::array<float*, 4> rows;
  };

  using RowRun = FunctionRef<void(const Scratch& scratch, int y, const Columns& columns)>;

  void for_rows(const EdgeCells& edges, int beyond, Executor& executor, const RowRun& run);
  void shrink_frame(const ConstFrame& frame, const EdgeCells& edges, int beyond,
                    Executor& executor);
  void shrink_luma(const ConstFrame& frame, int first_row, int last_row, const Columns& columns,
                   const Scratch& scratch);
  void shrink_rgb(const ConstFrame& frame, int y, const Columns& columns, const Scratch& scratch);
  WindowRows rows_around(const PaddedValues& plane, int x, int y, int radius) const;
  Scratch scratch_of(std::size_t part);
  std::size_t mean_offset(int y) const;

  int width_ = 0, height_ = 0;
  ResizeTaps frame_columns_, frame_rows_;
  std::size_t samples_ = 0;     // of a row of the frame
  std::size_t sums_size_ = 0;   // of sums_, for one thread
  Buffer<std::uint16_t> sums_;  // per thread: rows of the frame; for luma also the same interleaved
  Buffer<float> scratch_;       // per thread: four rows
  PaddedValues guide_;          // -1 to 1
  PaddedValues mask_;
  PaddedValues slopes_, intercepts_;  // of each window's line
  Buffer<std::int16_t> mean_slopes_, mean_intercepts_;
};

}  // namespace backdrop
