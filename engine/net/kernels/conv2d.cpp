// Dense convolution with bias, activation, channel gate (pointwise only) and residual.
#include <algorithm>
#include <array>

#include "net/kernels/kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "net/kernels/conv2d.cpp"
#include "hwy/foreach_target.h"

#include "net/kernels/pixels-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {

class Conv2d final : public Kernel {
 public:
  explicit Conv2d(const KernelSpec& spec)
      : window_(spec.node.window),
        activation_(spec.node.activation),
        in_(spec.inputs[0]),
        out_(spec.output),
        is_gated_(spec.node.gate != kNoTensor),
        filter_(to_size(out_.channels), spec.filter.size() / to_size(out_.channels), spec.filter,
                spec.bias) {
    BACKDROP_ASSERT(filter_.depth() ==
                    to_size(window_.height) * to_size(window_.width) * to_size(in_.channels));
    find_inner_columns();
  }

  std::size_t rows() const override { return to_size(out_.height); }
  std::size_t work() const override { return out_.size() * filter_.depth(); }
  std::size_t weight_bytes() const override { return filter_.size() * sizeof(float); }

  // A gated convolution is pointwise, so it needs no scratch for borders.
  std::size_t scratch_size() const override {
    if (is_gated_) return filter_.size();
    return inner_begin_ == 0 && inner_end_ == out_.width ? 0 : kBandRows * filter_.depth();
  }

  void begin(const Operands& operands) override {
    if (is_gated_) filter_.scale(operands.gate, operands.scratch);
  }

  void compute_rows(std::size_t first, std::size_t last, const Operands& operands) override {
    if (window_ == Window{}) {
      run_pointwise(first, last, operands);
      return;
    }
    // A line buffer wraps around, so the rows of a band would not be equally spaced.
    const std::size_t band = operands.output.count == rows() ? kBandRows : 1;
    for (std::size_t y = first; y < last; y += band) {
      const std::size_t count = std::min(band, last - y);
      run_inner(y, count, operands);
      for (int x = 0; x < inner_begin_; ++x) run_border(y, x, count, operands);
      for (int x = inner_end_; x < out_.width; ++x) run_border(y, x, count, operands);
    }
  }

 private:
  // A panel of the filter is applied to this many rows before the next panel: each panel is then
  // read from memory once per band, not once per row.
  static constexpr std::size_t kBandRows = kTilePixels;

  // Finds the output columns whose windows lie horizontally inside the picture. Each row of such a
  // window is contiguous in memory.
  void find_inner_columns() {
    const Window& w = window_;
    if (w.dilation_x != 1) return;
    const int room = in_.width + w.pad_left - w.width;
    inner_begin_ = std::min((w.pad_left + w.stride_x - 1) / w.stride_x, out_.width);
    inner_end_ = room < 0 ? 0 : std::min(room / w.stride_x + 1, out_.width);
    inner_end_ = std::max(inner_end_, inner_begin_);
  }

  // The packed weights; if the convolution is gated, the copy that begin() scaled.
  const float* weights(const Operands& operands) const {
    return is_gated_ ? operands.scratch : filter_.weights();
  }

  // The output side of a run of `count` pixels that begins at (x, y).
  PixelRun run_to(std::size_t y, int x, std::size_t count, const Operands& operands) const {
    PixelRun run;
    run.count = count;
    run.activation = activation_;
    run.output_stride = run.residual_stride = filter_.columns();
    const std::size_t at = to_size(x) * filter_.columns();
    run.output = operands.output.row(y) + at;
    if (operands.residual.data != nullptr) run.residual = operands.residual.row(y) + at;
    return run;
  }

  // Convolves all rows as one run if every operand is contiguous. Otherwise each row is a run, and
  // the columns that whole tiles leave over become vertical runs if there are enough rows to fill
  // tiles.
  void run_pointwise(std::size_t first, std::size_t last, const Operands& operands) const {
    const Rows& input = operands.inputs[0];
    const Rows& output = operands.output;
    const Rows& residual = operands.residual;
    const std::size_t width = to_size(out_.width);
    const std::size_t height = last - first;
    if (input.is_dense(in_) && output.is_dense(out_) &&
        (residual.data == nullptr || residual.is_dense(out_))) {
      convolve_pixels(pointwise_run(first, 0, height * width, operands), filter_,
                      weights(operands));
      return;
    }
    const bool is_buffered = std::min(input.count, output.count) < rows() ||
                             (residual.data != nullptr && residual.count < rows());
    const bool has_columns = height >= kTilePixels && !is_buffered;
    const std::size_t tiled = has_columns ? width / kTilePixels * kTilePixels : width;
    for (std::size_t y = first; y < last; ++y) {
      convolve_pixels(pointwise_run(y, 0, tiled, operands), filter_, weights(operands));
    }
    for (std::size_t x = tiled; x < width; ++x) {
      PixelRun run = pointwise_run(first, x, height, operands);
      run.pixel_stride = input.stride;
      run.output_stride = output.stride;
      run.residual_stride = residual.stride;
      convolve_pixels(run, filter_, weights(operands));
    }
  }

  PixelRun pointwise_run(std::size_t y, std::size_t x, std::size_t count,
                         const Operands& operands) const {
    PixelRun run = run_to(y, static_cast<int>(x), count, operands);
    run.segment_length = run.pixel_stride = to_size(in_.channels);
    run.input = operands.inputs[0].row(y) + x * run.pixel_stride;
    return run;
  }

  void run_inner(std::size_t first, std::size_t count, const Operands& operands) const {
    if (inner_begin_ == inner_end_) return;
    std::array<PixelRun, kBandRows> runs;
    for (std::size_t i = 0; i < count; ++i) runs[i] = inner_run(first + i, operands);
    convolve_pixels({runs.data(), count}, filter_, weights(operands));
  }

  PixelRun inner_run(std::size_t y, const Operands& operands) const {
    const Window& w = window_;
    const Rows& input = operands.inputs[0];
    const std::size_t channels = to_size(in_.channels);
    // Skips rows of the window above or below the picture.
    const int top = static_cast<int>(y) * w.stride_y - w.pad_top;
    const int first = top >= 0 ? 0 : (-top + w.dilation_y - 1) / w.dilation_y;
    const int last = std::min(w.height, (in_.height - 1 - top) / w.dilation_y + 1);

    PixelRun run = run_to(y, inner_begin_, to_size(inner_end_ - inner_begin_), operands);
    run.pixel_stride = to_size(w.stride_x) * channels;
    run.segments = to_size(std::max(last - first, 0));
    run.segment_length = to_size(w.width) * channels;
    run.segment_stride = to_size(w.dilation_y) * input.stride;
    run.first_depth = to_size(first) * run.segment_length;
    run.input = input.row(to_size(top + first * w.dilation_y)) +
                to_size(inner_begin_ * w.stride_x - w.pad_left) * channels;
    return run;
  }

  // Convolves one column of `count` windows that extend past the left or right edge. The windows
  // are first copied to the scratch, padded with zeros.
  void run_border(std::size_t first, int x, std::size_t count, const Operands& operands) const {
    for (std::size_t i = 0; i < count; ++i) {
      copy_window(operands.inputs[0], static_cast<int>(first + i), x,
                  operands.scratch + i * filter_.depth());
    }
    PixelRun run = run_to(first, x, count, operands);
    run.output_stride = operands.output.stride;
    run.residual_stride = operands.residual.stride;
    run.input = operands.scratch;
    run.pixel_stride = run.segment_length = filter_.depth();
    convolve_pixels(run, filter_, weights(operands));
  }

  void copy_window(const Rows& input, int out_y, int out_x, float* to) const {
    const Window& w = window_;
    const std::size_t channels = to_size(in_.channels);
    for (int ky = 0; ky < w.height; ++ky) {
      const int y = out_y * w.stride_y - w.pad_top + ky * w.dilation_y;
      for (int kx = 0; kx < w.width; ++kx, to += channels) {
        const int x = out_x * w.stride_x - w.pad_left + kx * w.dilation_x;
        if (y < 0 || y >= in_.height || x < 0 || x >= in_.width) {
          std::fill_n(to, channels, 0.0F);
        } else {
          std::copy_n(input.row(to_size(y)) + to_size(x) * channels, channels, to);
        }
      }
    }
  }

  Window window_;
  Activation activation_;
  Shape in_, out_;
  bool is_gated_;
  PackedFilter filter_;
  int inner_begin_ = 0;
  int inner_end_ = 0;
};

}  // namespace

std::unique_ptr<Kernel> new_conv2d(const KernelSpec& spec) {
  return std::make_unique<Conv2d>(spec);
}

}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {
HWY_EXPORT(new_conv2d);
std::unique_ptr<Kernel> make_conv2d(const KernelSpec& spec) {
  return HWY_DYNAMIC_DISPATCH(new_conv2d)(spec);
}
}  // namespace backdrop
#endif
