#include "render/cpu/matte.h"

#include <algorithm>
#include <atomic>

#include "base/assert.h"
#include "base/parallel_for.h"
#include "image/resize_floats.h"

namespace backdrop {
namespace {

// Values that kernels read beyond the mask's last row.
constexpr std::size_t kBeyondRow = 8;
// Two enlarged rows and a scratch row, each with room for two rows.
constexpr std::size_t kRows = 6;

constexpr std::size_t whole_blocks(int width) {
  return (static_cast<std::size_t>(width) + kBlockValues - 1) / kBlockValues * kBlockValues;
}

// The second half of a row's room holds the classes of its blocks.
std::uint8_t* classes_of(std::int16_t* row, std::size_t stride) {
  return reinterpret_cast<std::uint8_t*>(row + stride);
}
ProbabilityRow with_classes(const std::int16_t* row, std::size_t stride) {
  return {row, reinterpret_cast<const std::uint8_t*>(row + stride)};
}

}  // namespace

[[gnu::cold]] bool Matte::prepare(int mask_width, int mask_height, PixelFormat format, int width,
                                  int height, bool refined, const Executor& executor) {
  source_ = {mask_width, mask_height, static_cast<std::size_t>(mask_width)};
  has_chroma_ = is_yuv(format) && plane_traits(format, 1).subsampling > 0;
  const std::size_t stride = (static_cast<std::size_t>(width) + 63) / 64 * 64 + 2 * kAlphaPadding;
  full_ = {width, height, stride};
  half_ = {(width + 1) / 2, (height + 1) / 2, stride / 2};
  const int enlarged_width = std::min(width, mask_width);
  mask_ = {enlarged_width, std::min(height, mask_height), static_cast<std::size_t>(enlarged_width)};

  mask_columns_ = make_resize_taps(mask_width, mask_.width);
  mask_rows_ = make_resize_taps(mask_height, mask_.height);
  columns_ = make_enlarged_blocks(mask_.width, width);

  guided_filter_.reset();
  if (refined) {
    guided_filter_ = std::make_unique<GuidedFilter>();
    if (!guided_filter_->prepare(mask_.width, mask_.height, format, width, height, executor)) {
      return false;
    }
  }
  const std::size_t enlarged_size = mask_.stride * static_cast<std::size_t>(mask_.height);
  return unshrunk_row_.resize(source_.stride) && shrunk_.resize(enlarged_size) &&
         values_.resize(enlarged_size + kBeyondRow) &&
         rows_.resize(kRows * stride * executor.concurrency()) &&
         alpha_.resize(stride * static_cast<std::size_t>(height)) &&
         chroma_.resize(has_chroma_ ? half_.stride * static_cast<std::size_t>(half_.height) : 1);
}

void Matte::render(std::span<const float> mask, const Coverage& coverage, Executor& executor) {
  quantize(no_larger_than_frame(mask).data(), values_.size() - kBeyondRow, values_.data());
  const Ramp ramp = make_ramp(coverage);
  const auto enlarge = [&](int y, std::int16_t* row) {
    enlarge_row(values_.data() + mask_.stride * static_cast<std::size_t>(y), columns_, row);
    classify_blocks(row, ramp, whole_blocks(full_.width), classes_of(row, full_.stride));
  };
  render_rows(executor, enlarge, [&](const Enlarged& rows, int y) {
    alpha_row(with_classes(rows.first, full_.stride), with_classes(rows.second, full_.stride),
              rows.weight, ramp, whole_blocks(full_.width), alpha_.data() + offset(y));
  });
}

void Matte::render_guided(std::span<const float> mask, const ConstFrame& frame,
                          const Refinement& refinement, const Coverage& coverage,
                          Executor& executor) {
  BACKDROP_ASSERT(guided_filter_ != nullptr);
  BACKDROP_ASSERT(frame.width == full_.width && frame.height == full_.height);
  guided_filter_->fit(no_larger_than_frame(mask), frame, refinement, executor);
  const Ramp ramp = make_ramp(coverage);
  const auto enlarge = [&](int y, std::int16_t* row) {
    const Lines lines = guided_filter_->row(y);
    enlarge_row(lines.slopes, columns_, row);
    enlarge_row(lines.intercepts, columns_, row + full_.stride);
  };
  const std::size_t n = whole_blocks(full_.width);
  render_rows(executor, enlarge, [&](const Enlarged& rows, int y) {
    guide_row(frame.row(0, y), frame.format, full_.width, rows.spare);
    apply_lines({rows.first, rows.first + full_.stride}, {rows.second, rows.second + full_.stride},
                rows.weight, n, rows.spare);
    classify_blocks(rows.spare, ramp, n, classes_of(rows.spare, full_.stride));
    const ProbabilityRow row = with_classes(rows.spare, full_.stride);
    alpha_row(row, row, 0, ramp, n, alpha_.data() + offset(y));
  });
}

// Calls render for each row of the frame, with the two rows of the mask that it is between; enlarge
// computes those.
template <typename Enlarge, typename Render>
void Matte::render_rows(Executor& executor, const Enlarge& enlarge, const Render& render) {
  is_limited_ = false;
  const double scale = static_cast<double>(full_.height) / mask_.height;
  for_bands(executor, half_.height, [&](std::size_t part, int begin, int end) {
    std::int16_t* memory = rows_.data() + kRows * full_.stride * part;
    RowPair<std::int16_t> rows;
    rows.reset(memory, memory + 2 * full_.stride);
    const auto render_row = [&](int y) {
      const LinearSample between = enlarged_from(y, scale, mask_.height);
      const std::int16_t* first = rows.row(between.first, enlarge);
      const std::int16_t* second = rows.row(between.second, enlarge);
      std::int16_t* spare = memory + 4 * full_.stride;
      render(Enlarged{first, second, between.weight32768(), spare}, y);
    };
    for (int y = begin; y < end; ++y) {
      const int top = 2 * y;
      const int bottom = std::min(top + 1, full_.height - 1);
      render_row(top);
      if (bottom > top) render_row(bottom);
      finish_rows(y, 0, full_.width);
    }
  });
}

void Matte::finish_rows(int y, int begin, int end) {
  const int top = 2 * y;
  const int bottom = std::min(top + 1, full_.height - 1);
  if (end >= full_.width) {
    for (const int index : {top, bottom}) {
      std::uint8_t* const alpha = row(index);
      std::fill(alpha + full_.width, alpha + full_.stride, alpha[full_.width - 1]);
    }
    end = static_cast<int>(full_.stride);
  }
  if (!has_chroma_) return;
  constexpr int kMeans = 32;  // that halve_rows() computes at least
  const int first = begin / 2 / kMeans * kMeans;
  const int means = ((end + 1) / 2 - first + kMeans - 1) / kMeans * kMeans;
  halve_rows(row(top) + 2 * first, row(bottom) + 2 * first, static_cast<std::size_t>(means),
             chroma_.data() + half_.stride * static_cast<std::size_t>(y) + first);
}

// Shrinks the mask along an axis along which the frame is smaller. Along another axis the taps
// copy.
std::span<const float> Matte::no_larger_than_frame(std::span<const float> mask) {
  BACKDROP_ASSERT(mask.size() == source_.stride * static_cast<std::size_t>(source_.height));
  if (mask_.width == source_.width && mask_.height == source_.height) return mask;
  resize_floats(mask.data(), source_.width, mask_columns_, mask_rows_,
                {unshrunk_row_.data(), unshrunk_row_.size()}, shrunk_.data(), mask_.stride);
  return {shrunk_.data(), shrunk_.size()};
}

void Matte::limit(const ConstFrame& frame, int y, int begin, int end) {
  std::atomic_ref(is_limited_).store(true, std::memory_order_relaxed);
  const std::uint8_t* const pixels = frame.row(0, y);
  std::uint8_t* const alpha = alpha_.data() + offset(y);
  for (int x = begin; x < end; ++x) alpha[x] = std::min(alpha[x], pixels[4 * x + 3]);
}

AlphaPlane Matte::plane(int plane) const {
  if (plane == 0 || !has_chroma_) return {alpha_.data(), static_cast<std::ptrdiff_t>(full_.stride)};
  return {chroma_.data(), static_cast<std::ptrdiff_t>(half_.stride)};
}

}  // namespace backdrop
