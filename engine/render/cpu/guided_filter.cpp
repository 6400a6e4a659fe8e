#include "render/cpu/guided_filter.h"

#include <algorithm>

#include "base/assert.h"
#include "base/parallel_for.h"
#include "image/color.h"

namespace backdrop {
namespace {

// Four rows of luma are shrunk together, like the four channels of RGBA.
constexpr std::size_t kGroup = 4;
static_assert(kGroup == EdgeCells::kRows);

// Values before and after a row, for windows and for what kernels touch beyond.
constexpr std::size_t kBefore = 16, kAfter = 32;
static_assert(kBefore >= kMostWindowRadius && kAfter >= kMostWindowRadius + kMostLanes);

constexpr std::size_t padded(int width) {
  return kBefore + static_cast<std::size_t>(width) + kAfter;
}

// White minus black of the guide.
float guide_range(const ConstFrame& frame) {
  const float levels = is_yuv(frame.format) ? 255 / make_yuv_to_rgb(frame.color_space).gain : 255;
  return levels / 128;
}

}  // namespace

bool GuidedFilter::PaddedValues::resize(int width, int height) {
  width_ = width;
  stride_ = padded(width);
  return values_.resize(stride_ * static_cast<std::size_t>(height));
}

std::size_t GuidedFilter::PaddedValues::offset(int y) const {
  return kBefore + stride_ * static_cast<std::size_t>(y);
}

void GuidedFilter::PaddedValues::pad(int y, const Columns& columns) {
  float* const values = row(y);
  if (columns.begin == 0) std::fill_n(values - kBefore, kBefore, values[0]);
  if (columns.end == width_) std::fill_n(values + width_, kAfter, values[width_ - 1]);
}

// Out of line: one copy for all callers.
GuidedFilter::~GuidedFilter() = default;

[[gnu::cold]] bool GuidedFilter::prepare(int mask_width, int mask_height, PixelFormat format,
                                         int width, int height, const Executor& executor) {
  BACKDROP_ASSERT(mask_width <= width && mask_height <= height);
  width_ = mask_width;
  height_ = mask_height;
  frame_columns_ = make_resize_taps(width, mask_width);
  frame_rows_ = make_resize_taps(height, mask_height);
  samples_ = static_cast<std::size_t>(width * channels_of(format, 0));
  sums_size_ = samples_ * (is_yuv(format) ? 2 * kGroup : 1);
  const std::size_t size = padded(mask_width) * static_cast<std::size_t>(mask_height);
  return sums_.resize(sums_size_ * executor.concurrency()) &&
         scratch_.resize(4 * padded(mask_width) * executor.concurrency()) &&
         guide_.resize(mask_width, mask_height) && mask_.resize(mask_width, mask_height) &&
         slopes_.resize(mask_width, mask_height) && intercepts_.resize(mask_width, mask_height) &&
         mean_slopes_.resize(size) && mean_intercepts_.resize(size);
}

void GuidedFilter::fit(std::span<const float> mask, const ConstFrame& frame,
                       const Refinement& refinement, const EdgeCells& edges, Executor& executor) {
  BACKDROP_ASSERT(mask.size() == static_cast<std::size_t>(width_ * height_));
  BACKDROP_ASSERT(static_cast<std::size_t>(frame.row_bytes(0)) == samples_);
  const int radius = guided_radius(refinement);
  const float deviation = refinement.sigma_color * guide_range(frame);
  const float epsilon = deviation * deviation;
  shrink_frame(frame, edges, 2 * radius, executor);
  const auto copy = [&](const Scratch&, int y, const Columns& columns) {
    // What is no number is background, and does not reach the pixels around.
    std::transform(mask.data() + y * width_ + columns.begin, mask.data() + y * width_ + columns.end,
                   mask_.row(y) + columns.begin, [](float value) { return std::max(0.0F, value); });
    mask_.pad(y, columns);
  };
  const auto fit_row = [&](const Scratch& scratch, int y, const Columns& columns) {
    const int x = columns.begin;
    fit_lines(rows_around(guide_, x, y, radius), rows_around(mask_, x, y, radius), radius, epsilon,
              columns.size(), scratch.rows, slopes_.row(y) + x, intercepts_.row(y) + x);
    slopes_.pad(y, columns);
    intercepts_.pad(y, columns);
  };
  const auto average = [&](const Scratch& scratch, int y, const Columns& columns) {
    const int x = columns.begin;
    const std::size_t at = mean_offset(y) + static_cast<std::size_t>(x);
    mean_row(rows_around(slopes_, x, y, radius), radius, columns.size(), scratch.rows[0],
             mean_slopes_.data() + at);
    mean_row(rows_around(intercepts_, x, y, radius), radius, columns.size(), scratch.rows[0],
             mean_intercepts_.data() + at);
  };
  for_rows(edges, 2 * radius, executor, RowRun(copy));
  for_rows(edges, radius, executor, RowRun(fit_row));
  for_rows(edges, 0, executor, RowRun(average));
}

Lines GuidedFilter::row(int y) const {
  return {mean_slopes_.data() + mean_offset(y), mean_intercepts_.data() + mean_offset(y)};
}

std::size_t GuidedFilter::mean_offset(int y) const {
  return padded(width_) * static_cast<std::size_t>(y);
}

// Calls run(scratch, y, columns) for all that is within `beyond` values of those between which
// pixels at the edge are interpolated.
void GuidedFilter::for_rows(const EdgeCells& edges, int beyond, Executor& executor,
                            const RowRun& run) {
  for_bands(executor, height_, [&](std::size_t part, int begin, int end) {
    const Scratch scratch = scratch_of(part);
    for (int y = begin; y < end; ++y) {
      edges.for_columns(y - beyond - 1, y + beyond + 1, beyond,
                        [&](const Columns& columns) { run(scratch, y, columns); });
    }
  });
}

// Averages the guide by area to the mask's size, near the edge.
void GuidedFilter::shrink_frame(const ConstFrame& frame, const EdgeCells& edges, int beyond,
                                Executor& executor) {
  for_bands(executor, edges.rows(), [&](std::size_t part, int begin, int end) {
    const Scratch scratch = scratch_of(part);
    for (int row = begin; row < end; ++row) {
      const int first = row * EdgeCells::kRows;
      const int last = std::min(first + EdgeCells::kRows, height_) - 1;
      edges.for_columns(first - beyond - 1, last + beyond + 1, beyond, [&](const Columns& columns) {
        if (is_yuv(frame.format)) {
          shrink_luma(frame, first, last, columns, scratch);
        } else {
          for (int y = first; y <= last; ++y) shrink_rgb(frame, y, columns, scratch);
        }
        for (int y = first; y <= last; ++y) guide_.pad(y, columns);
      });
    }
  });
}

void GuidedFilter::shrink_luma(const ConstFrame& frame, int first_row, int last_row,
                               const Columns& columns, const Scratch& scratch) {
  const ResizePart part = frame_columns_.part(columns.begin, columns.end);
  const auto first = static_cast<std::size_t>(part.first.front());
  const std::size_t n = static_cast<std::size_t>(part.first.back() + part.taps) - first;
  std::array<const std::uint16_t*, kGroup> sums;
  for (std::size_t k = 0; k < kGroup; ++k) {
    const int y = std::min(first_row + static_cast<int>(k), last_row);
    std::uint16_t* const row = scratch.sums + k * samples_ + first;
    sum_weighted_rows(frame.row(0, frame_rows_.first_of(y)) + first, frame.strides[0],
                      frame_rows_.parts256_of(y), n, row);
    sums[k] = row;
  }
  std::uint16_t* const interleaved = scratch.sums + kGroup * samples_;
  interleave_rows(sums, n, interleaved + kGroup * first);
  sum_columns(interleaved, kGroup, part, kGroup, 1.0f / (256 * 128), -1, scratch.pixels);
  for (int y = first_row; y <= last_row; ++y) {
    float* const guide = guide_.row(y) + columns.begin;
    const float* const values = scratch.pixels + (y - first_row);
    for (std::size_t x = 0; x < columns.size(); ++x) guide[x] = values[kGroup * x];
  }
}

void GuidedFilter::shrink_rgb(const ConstFrame& frame, int y, const Columns& columns,
                              const Scratch& scratch) {
  const ResizePart part = frame_columns_.part(columns.begin, columns.end);
  const auto first = 4 * static_cast<std::size_t>(part.first.front());
  const std::size_t n = 4 * static_cast<std::size_t>(part.first.back() + part.taps) - first;
  sum_weighted_rows(frame.row(0, frame_rows_.first_of(y)) + first, frame.strides[0],
                    frame_rows_.parts256_of(y), n, scratch.sums + first);
  sum_columns(scratch.sums, 4, part, 4, 1.0f / (256 * 256 * 128), 0, scratch.pixels);
  const auto weights = luma_weights(frame.format);
  float* const guide = guide_.row(y) + columns.begin;
  for (std::size_t x = 0; x < columns.size(); ++x) {
    const float* const pixel = scratch.pixels + 4 * x;
    guide[x] = pixel[0] * weights[0] + pixel[1] * weights[1] + pixel[2] * weights[2] - 1;
  }
}

// The rows of the windows of row y from column x on. Beyond the picture its outermost rows repeat.
WindowRows GuidedFilter::rows_around(const PaddedValues& plane, int x, int y, int radius) const {
  WindowRows rows;
  for (int i = 0; i <= 2 * radius; ++i) {
    rows[static_cast<std::size_t>(i)] = plane.row(std::clamp(y - radius + i, 0, height_ - 1)) + x;
  }
  return rows;
}

GuidedFilter::Scratch GuidedFilter::scratch_of(std::size_t part) {
  const std::size_t stride = padded(width_);
  float* const pixels = scratch_.data() + 4 * stride * part;
  Scratch scratch{sums_.data() + part * sums_size_, pixels, {}};
  for (std::size_t i = 0; i < 4; ++i) scratch.rows[i] = pixels + i * stride + kBefore;
  return scratch;
}

}  // namespace backdrop
