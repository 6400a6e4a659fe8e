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
// Each of two enlarged rows has its values, their blocks' classes, slopes and intercepts of lines.
// A scratch row has values and classes.
constexpr std::size_t kEnlargedRows = 4;
constexpr std::size_t kRows = 2 * kEnlargedRows + 2;

constexpr std::size_t whole_blocks(int width) {
  return (static_cast<std::size_t>(width) + kBlockValues - 1) / kBlockValues * kBlockValues;
}

// After a row's values come the classes of its blocks.
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
  is_subsampled_ = is_yuv(format) && plane_traits(format, 1).subsampling > 0;
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
    edges_.prepare(mask_.width, mask_.height, width);
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
         half_alpha_.resize(half_.stride * static_cast<std::size_t>(half_.height));
}

void Matte::render(std::span<const float> mask, const Coverage& coverage, Executor& executor) {
  take(mask);
  render_rows(make_ramp(coverage), nullptr, executor);
}

void Matte::render_guided(std::span<const float> mask, const ConstFrame& frame,
                          const Refinement& refinement, const Coverage& coverage,
                          Executor& executor) {
  BACKDROP_ASSERT(guided_filter_ != nullptr);
  BACKDROP_ASSERT(frame.width == full_.width && frame.height == full_.height);
  const std::span<const float> values = take(mask);
  const Ramp ramp = make_ramp(coverage);
  // Means of means reach twice as far as a window, and a pixel is between two values of the mask.
  edges_.find(values_.data(), ramp, 2 * guided_radius(refinement) + 1);
  guided_filter_->fit(values, frame, refinement, edges_, executor);
  render_rows(ramp, &frame, executor);
}

void Matte::enlarge_mask(int y, const Ramp& ramp, std::int16_t* row) const {
  enlarge_row(values_.data() + mask_.stride * static_cast<std::size_t>(y), columns_, row);
  classify_blocks(row, ramp, whole_blocks(full_.width), classes_of(row, full_.stride));
}

// For the rows of the frame between this row of the mask and the next to both sides.
void Matte::enlarge_lines(int y, std::int16_t* row) const {
  constexpr int kValues = 8;  // per block
  const Lines lines = guided_filter_->row(y);
  edges_.for_runs(y - 1, y + 1, [&](int begin, int end) {
    const auto first = static_cast<std::size_t>(begin / kValues);
    const auto blocks = std::span(columns_).subspan(
        first, std::min(static_cast<std::size_t>(end / kValues), columns_.size()) - first);
    enlarge_row(lines.slopes, blocks, row + 2 * full_.stride + begin);
    enlarge_row(lines.intercepts, blocks, row + 3 * full_.stride + begin);
  });
}

void Matte::render_row(const Enlarged& rows, int y, const Ramp& ramp) {
  alpha_row(with_classes(rows.first, full_.stride), with_classes(rows.second, full_.stride),
            rows.between.weight32768(), ramp, whole_blocks(full_.width), row(y));
}

void Matte::refine_row(const Enlarged& rows, int y, const ConstFrame& frame, const Ramp& ramp) {
  const auto lines_at = [&](const std::int16_t* row, int x) {
    return Lines{row + 2 * full_.stride + x, row + 3 * full_.stride + x};
  };
  edges_.for_runs(rows.between.first, rows.between.second, [&](int begin, int end) {
    const auto n = static_cast<std::size_t>(end - begin);
    guide_row(frame.row(0, y) + begin * channels_of(frame.format, 0), frame.format,
              std::min(end, full_.width) - begin, rows.spare);
    apply_lines(lines_at(rows.first, begin), lines_at(rows.second, begin),
                rows.between.weight32768(), n, rows.spare);
    classify_blocks(rows.spare, ramp, n, classes_of(rows.spare, full_.stride));
    const ProbabilityRow refined = with_classes(rows.spare, full_.stride);
    alpha_row(refined, refined, 0, ramp, n, row(y) + begin);
  });
}

// Refines if there is a frame.
void Matte::render_rows(const Ramp& ramp, const ConstFrame* frame, Executor& executor) {
  is_limited_ = false;
  const double scale = static_cast<double>(full_.height) / mask_.height;
  const auto enlarge = [&](int y, std::int16_t* row) {
    enlarge_mask(y, ramp, row);
    if (frame) enlarge_lines(y, row);
  };
  for_bands(executor, half_.height, [&](std::size_t part, int begin, int end) {
    std::int16_t* const memory = rows_.data() + kRows * full_.stride * part;
    std::int16_t* const spare = memory + 2 * kEnlargedRows * full_.stride;
    RowPair<std::int16_t> rows;
    rows.reset(memory, memory + kEnlargedRows * full_.stride);
    const auto render_one = [&](int y) {
      const LinearSample between = enlarged_from(y, scale, mask_.height);
      const std::int16_t* const first = rows.row(between.first, enlarge);
      const std::int16_t* const second = rows.row(between.second, enlarge);
      const Enlarged enlarged{between, first, second, spare};
      render_row(enlarged, y, ramp);
      if (frame) refine_row(enlarged, y, *frame, ramp);
    };
    for (int y = begin; y < end; ++y) {
      const int top = 2 * y;
      const int bottom = std::min(top + 1, full_.height - 1);
      render_one(top);
      if (bottom > top) render_one(bottom);
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
  constexpr int kMeans = 32;  // that halve_rows() computes at least
  const int first = begin / 2 / kMeans * kMeans;
  const int means = ((end + 1) / 2 - first + kMeans - 1) / kMeans * kMeans;
  halve_rows(row(top) + 2 * first, row(bottom) + 2 * first, static_cast<std::size_t>(means),
             half_alpha_.data() + half_.stride * static_cast<std::size_t>(y) + first);
}

// Returns the mask no larger than the frame, and quantizes it.
std::span<const float> Matte::take(std::span<const float> mask) {
  const std::span<const float> values = no_larger_than_frame(mask);
  quantize(values.data(), values.size(), values_.data());
  return values;
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

void Matte::limit(const ConstFrame& frame, Executor& executor) {
  for_bands(executor, half_.height, [&](std::size_t, int begin, int end) {
    for (int y = begin; y < end; ++y) {
      for (int row = 2 * y; row < std::min(2 * y + 2, full_.height); ++row) {
        limit(frame, row, 0, full_.width);
      }
      finish_rows(y, 0, full_.width);
    }
  });
}

AlphaPlane Matte::plane(int plane) const {
  if (plane > 0 && is_subsampled_) return half();
  return {alpha_.data(), static_cast<std::ptrdiff_t>(full_.stride)};
}

}  // namespace backdrop
