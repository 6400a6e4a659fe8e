#include "render/cpu/person_colors.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "base/parallel_for.h"
#include "render/cpu/blur_kernels.h"
#include "render/cpu/cut_out_kernel.h"
#include "render/render_settings.h"

namespace backdrop {
namespace {

constexpr double kMinSigma = 1.5;  // in cells
constexpr int kMaxCell = 128;      // sums of so many pixels fit 32 bits

// The variance, in cells, that cells add (1/12) and linear interpolation between them (1/6).
constexpr double kCellVariance = 0.25;

std::size_t faded_rows(int width) {
  return static_cast<std::size_t>(kMaxRows) * static_cast<std::size_t>(width);
}

// Scales the weights of pixels by their own alpha: what is clear has no colour. A weight above 0
// stays above 0 where anything is seen.
void fade(const AlphaRows& rows, std::size_t pixels, std::uint8_t* faded) {
  for (std::ptrdiff_t y = 0; y < rows.count; ++y) {
    const std::uint8_t* const alpha = rows.alpha + y * rows.alpha_stride;
    const std::uint8_t* const samples = rows.samples + y * rows.stride;
    for (std::size_t x = 0; x < pixels; ++x) {
      const int weight = std::max(alpha[x] - kMostUnsureAlpha, 0);
      const int scaled = (weight * samples[4 * x + 3] + 254) / 255;
      *faded++ = static_cast<std::uint8_t>(kMostUnsureAlpha + scaled);
    }
  }
}

}  // namespace

bool PersonColors::prepare(int width, int height, const Executor& executor) {
  const double sigma = person_color_sigma(width, height);
  cell_ = std::clamp(static_cast<int>(sigma / kMinSigma), 1, kMaxCell);
  const double in_cells = sigma / cell_;
  const double added = cell_ > 1 ? kCellVariance : 0;
  const int columns = (width + cell_ - 1) / cell_;
  const int rows = (height + cell_ - 1) / cell_;
  const std::size_t stride =
      (4 * static_cast<std::size_t>(columns) + kStripFloats - 1) / kStripFloats * kStripFloats;
  sums_row_ = 4 * static_cast<std::size_t>(columns * cell_);
  if (!blur_.prepare(columns, rows, std::sqrt(std::max(in_cells * in_cells - added, 0.0)),
                     executor) ||
      !memory_.resize(stride * static_cast<std::size_t>(rows)) ||
      !sums_.resize(sums_row_ * executor.concurrency()) ||
      !faded_.resize(faded_rows(width) * executor.concurrency()) ||
      !opaque_.resize(static_cast<std::size_t>(rows))) {
    return false;
  }
  cells_ = {memory_.data(), columns, rows, stride};
  least_weight_ = kLeastPersonWeight * 256 * static_cast<float>(cell_ * cell_) * blur_.gain();
  return true;
}

void PersonColors::run(const ConstFrame& frame, const Matte& matte, Executor& executor) {
  for_bands(executor, cells_.height, [&](std::size_t part, int begin, int end) {
    for (int row = begin; row < end; ++row) sum_cells(frame, matte, part, row);
  });
  blur_.run(cells_, executor);
}

void PersonColors::sum_cells(const ConstFrame& frame, const Matte& matte, std::size_t part,
                             int row) {
  BACKDROP_ASSERT(frame.row_bytes(0) == 4 * frame.width);
  const auto width = static_cast<std::size_t>(frame.width);
  float* const cells = cells_.data + cells_.stride * static_cast<std::size_t>(row);
  std::fill_n(cells, cells_.stride, 0.0f);
  std::uint8_t& is_opaque = opaque_.data()[row];
  is_opaque = 1;
  const int end = std::min((row + 1) * cell_, frame.height);
  for (int y = row * cell_; y < end; y += kMaxRows) {
    const AlphaPlane alpha = matte.plane(0);
    AlphaRows rows{frame.row(0, y), frame.strides[0], alpha.row(y), alpha.stride,
                   std::min(kMaxRows, end - y)};
    if (!sum_person(rows, width, sums(part))) {
      is_opaque = 0;
      std::uint8_t* const faded = faded_.data() + faded_rows(frame.width) * part;
      fade(rows, width, faded);
      rows.alpha = faded;
      rows.alpha_stride = frame.width;
      sum_person(rows, width, sums(part));
    }
    std::fill(sums(part) + 4 * width, sums(part) + sums_row_, std::uint16_t{0});
    add_pixel_groups(sums(part), static_cast<std::size_t>(cell_),
                     static_cast<std::size_t>(cells_.width), cells);
  }
}

bool PersonColors::cut_out(const std::uint8_t* in, const std::uint8_t* alpha, int y, int begin,
                           int end, std::uint8_t* out) const {
  const CellPlace row = cell_place(y, 1 / static_cast<float>(cell_), cells_.height);
  const auto cells = [&](std::size_t index) { return cells_.data + cells_.stride * index; };
  const CellRows rows{
      cells(row.first), cells(row.second), row.weight, cells_.width, 1 / static_cast<float>(cell_),
      least_weight_};
  return cut_out_pixels(rows, in, alpha, begin, end, out);
}

}  // namespace backdrop
