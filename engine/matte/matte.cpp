#include "matte/matte.h"

#include <algorithm>

#include "image/bands.h"

namespace backdrop {
namespace {

// Values that may be read after the mask's last row.
constexpr std::size_t kBeyondRow = 8;

}  // namespace

bool Matte::prepare(int mask_width, int mask_height, PixelFormat format, int width, int height,
                    const Executor& executor) {
  source_ = {mask_width, mask_height, static_cast<std::size_t>(mask_width)};
  has_chroma_ = is_yuv(format);
  const std::size_t stride = (static_cast<std::size_t>(width) + 63) / 64 * 64 + 2 * kAlphaPadding;
  full_ = {width, height, stride};
  half_ = {(width + 1) / 2, (height + 1) / 2, stride / 2};
  const int enlarged_width = std::min(width, mask_width);
  mask_ = {enlarged_width, std::min(height, mask_height), static_cast<std::size_t>(enlarged_width)};

  mask_columns_ = make_taps(mask_width, mask_.width);
  mask_rows_ = make_taps(mask_height, mask_.height);
  columns_ = make_enlarged_blocks(mask_.width, width);

  const std::size_t enlarged_size = mask_.stride * static_cast<std::size_t>(mask_.height);
  return narrow_.resize(mask_.stride * static_cast<std::size_t>(mask_height)) &&
         shrunk_.resize(enlarged_size) && values_.resize(enlarged_size + kBeyondRow) &&
         rows_.resize(2 * stride * executor.concurrency()) &&
         alpha_.resize(stride * static_cast<std::size_t>(height)) &&
         chroma_.resize(has_chroma_ ? half_.stride * static_cast<std::size_t>(half_.height) : 1);
}

void Matte::render(std::span<const float> mask, const Coverage& coverage, Executor& executor) {
  const bool shrinks = mask_.width < source_.width || mask_.height < source_.height;
  if (shrinks) shrink_mask(mask.data());
  quantize(shrinks ? shrunk_.data() : mask.data(), values_.size() - kBeyondRow, values_.data());

  const Ramp ramp = make_ramp(coverage);
  for_bands(executor, half_.height, [&](std::size_t part, int begin, int end) {
    std::int16_t* memory = rows_.data() + 2 * full_.stride * part;
    RowPair<std::int16_t> rows;
    rows.reset(memory, memory + full_.stride);
    for (int y = begin; y < end; ++y) {
      const int top = 2 * y;
      const int bottom = std::min(top + 1, full_.height - 1);
      render_row(rows, top, ramp);
      if (bottom > top) render_row(rows, bottom, ramp);
      if (has_chroma_) {
        halve_rows(plane(0).row(top), plane(0).row(bottom), half_.stride,
                   chroma_.data() + half_.stride * static_cast<std::size_t>(y));
      }
    }
  });
}

// With as many outputs as inputs along an axis, the taps copy.
void Matte::shrink_mask(const float* mask) {
  const auto weighted = [](const float* values, std::size_t step, const Taps& taps, int i) {
    const auto at = static_cast<std::size_t>(i) * static_cast<std::size_t>(taps.taps);
    float sum = 0;
    for (std::size_t tap = 0; tap < static_cast<std::size_t>(taps.taps); ++tap) {
      const auto index = static_cast<std::size_t>(taps.first_of(i)) + tap;
      sum += values[index * step] * taps.weights[at + tap];
    }
    return sum;
  };
  float* narrow = narrow_.data();
  for (std::size_t y = 0; y < static_cast<std::size_t>(source_.height); ++y) {
    const float* row = mask + y * source_.stride;
    for (int x = 0; x < mask_.width; ++x) *narrow++ = weighted(row, 1, mask_columns_, x);
  }
  float* shrunk = shrunk_.data();
  for (int y = 0; y < mask_.height; ++y) {
    for (std::size_t x = 0; x < mask_.stride; ++x) {
      *shrunk++ = weighted(narrow_.data() + x, mask_.stride, mask_rows_, y);
    }
  }
}

void Matte::render_row(RowPair<std::int16_t>& rows, int y, const Ramp& ramp) {
  const auto enlarge = [&](int mask_row, std::int16_t* row) {
    enlarge_row(values_.data() + mask_.stride * static_cast<std::size_t>(mask_row), columns_, row);
  };
  const double scale = static_cast<double>(full_.height) / mask_.height;
  const Between between = enlarged_from(y, scale, mask_.height);
  const std::int16_t* first = rows.row(between.first, enlarge);
  const std::int16_t* second = rows.row(between.second, enlarge);

  std::uint8_t* alpha = alpha_.data() + full_.stride * static_cast<std::size_t>(y);
  const auto width = static_cast<std::size_t>(full_.width);
  alpha_row(first, second, between.weight32768(), ramp, (width + 31) / 32 * 32, alpha);
  std::fill(alpha + width, alpha + full_.stride, alpha[width - 1]);
}

AlphaPlane Matte::plane(int plane) const {
  if (plane == 0) return {alpha_.data(), static_cast<std::ptrdiff_t>(full_.stride)};
  return {chroma_.data(), static_cast<std::ptrdiff_t>(half_.stride)};
}

}  // namespace backdrop
