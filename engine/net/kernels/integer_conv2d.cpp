// Dense convolution in small integers, with bias, activation and residual.
#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "net/graph/verify.h"
#include "net/kernels/kernel.h"
#include "simd/arm_dot_product.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "net/kernels/integer_conv2d.cpp"
#include "hwy/foreach_target.h"

#include "net/kernels/integer_pixels-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {

// The floats of scratch that hold `count` values, so that the next array is aligned.
template <typename T>
std::size_t floats_of(std::size_t count) {
  constexpr std::size_t kAlignment = Buffer<float>::kAlignment;
  return (count * sizeof(T) + kAlignment - 1) / kAlignment * (kAlignment / sizeof(float));
}

static_assert(kPanelColumns <= kLeastIntegerColumns && kIntegerTilePixels <= kLeastIntegerWidth &&
              kIntegerDepth % (kDotGroups * kDotDepth) == 0 && kIntegerDepth % kLanes == 0);

class IntegerConv2d final : public Kernel {
 public:
  explicit IntegerConv2d(const KernelSpec& spec)
      : window_(spec.node.window),
        activation_(spec.node.activation),
        in_(spec.inputs[0]),
        out_(spec.output),
        channels_(to_size(in_.channels)),
        filter_({kPanelColumns, kDotDepth}, to_size(out_.channels),
                to_size(window_.height) * to_size(window_.width), channels_, spec.filter, spec.bias,
                spec.mean) {
    BACKDROP_ASSERT(spec.node.gate == kNoTensor && fits_integers(window_, in_, out_));
  }

  std::size_t rows() const override { return to_size(out_.height); }
  std::size_t work() const override { return out_.size() * filter_.depth(); }
  std::size_t weight_bytes() const override { return filter_.bytes(); }

  std::size_t scratch_size() const override {
    return floats_of<Sample>(sampled_pixels() * channels_) +
           floats_of<SampleGrid>(sampled_pixels()) + floats_of<Sample>(widened_size(filter_));
  }

  void compute_rows(std::size_t first, std::size_t last, const Operands& operands) override {
    for (std::size_t y = first; y < last; y += kBandRows) {
      for (std::size_t band = 0; band < bands(); ++band) {
        const std::size_t x = to_size(out_.width) * band / bands();
        const std::size_t end = to_size(out_.width) * (band + 1) / bands();
        run_band(y, std::min(kBandRows, last - y), x, end - x, operands);
      }
    }
  }

 private:
  // A panel of the filter is applied to this many rows before the next panel, and to this many
  // pixels of a row at most.
  static constexpr std::size_t kBandRows = 4;
  static constexpr std::size_t kBandPixels = 64;

  // Bands of a row of about the same width, so that each fills a tile.
  std::size_t bands() const { return (to_size(out_.width) + kBandPixels - 1) / kBandPixels; }

  // Input rows of a band of output rows.
  std::size_t band_rows() const {
    return (kBandRows - 1) * to_size(window_.stride_y) + to_size(window_.height);
  }

  // Input pixels of a row's windows, with the padding.
  std::size_t row_pixels(std::size_t outputs) const {
    return (outputs - 1) * to_size(window_.stride_x) + to_size(window_.width);
  }

  std::size_t sampled_pixels() const {
    return band_rows() * row_pixels(std::min(kBandPixels, to_size(out_.width)));
  }

  Sample* samples(const Operands& operands) const {
    return reinterpret_cast<Sample*>(operands.scratch);  // NOLINT
  }
  SampleGrid* grids(const Operands& operands) const {
    return reinterpret_cast<SampleGrid*>(operands.scratch +  // NOLINT
                                         floats_of<Sample>(sampled_pixels() * channels_));
  }
  Sample* widened_weights(const Operands& operands) const {
    return reinterpret_cast<Sample*>(grids(operands)) +  // NOLINT
           floats_of<SampleGrid>(sampled_pixels()) * (sizeof(float) / sizeof(Sample));
  }

  // The output side of a run of `count` pixels that begins at (x, y).
  PixelRun run_to(std::size_t y, std::size_t x, std::size_t count, const Operands& operands) const {
    PixelRun run;
    run.count = count;
    run.activation = activation_;
    run.output_stride = run.residual_stride = filter_.columns();
    const std::size_t at = x * filter_.columns();
    run.output = operands.output.row(y) + at;
    if (operands.residual.data != nullptr) run.residual = operands.residual.row(y) + at;
    return run;
  }

  // Convolves runs. What is no clamp is applied after a band is stored.
  void convolve(std::span<IntegerRun> runs, Sample* wide) const {
    const bool is_clamp = activation_ != Activation::kHardSwish && !is_curved(activation_);
    if (is_clamp) return convolve_integers(runs, filter_, wide);
    std::array<const float*, kBandRows> residuals{};
    for (std::size_t i = 0; i < runs.size(); ++i) {
      residuals[i] = std::exchange(runs[i].output.residual, nullptr);
      runs[i].output.activation = Activation::kNone;
    }
    convolve_integers(runs, filter_, wide);
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const PixelRun& output = runs[i].output;
      finish_curved(activation_, output.output, residuals[i], output.count * filter_.columns());
    }
  }

  // Computes `outputs` pixels, from column x on, of `count` rows.
  void run_band(std::size_t first, std::size_t count, std::size_t x, std::size_t outputs,
                const Operands& operands) const {
    const Window& w = window_;
    const int top = static_cast<int>(first) * w.stride_y - w.pad_top;
    const int left = static_cast<int>(x) * w.stride_x - w.pad_left;
    const int begin = std::max(top, 0);
    const int end = std::min(top + static_cast<int>(band_rows()), in_.height);
    const std::size_t pixels = row_pixels(outputs);
    const SampledPixels input{samples(operands), grids(operands), channels_};
    for (int y = begin; y < end; ++y) {
      const std::size_t at = to_size(y - begin) * pixels;
      quantize_row(operands.inputs[0].row(to_size(y)), left, pixels,
                   samples(operands) + at * channels_, grids(operands) + at);
    }
    std::array<IntegerRun, kBandRows> runs;
    for (std::size_t i = 0; i < count; ++i) {
      runs[i] = run_of(top + static_cast<int>(i) * w.stride_y, pixels, input, begin);
      runs[i].output = run_to(first + i, x, outputs, operands);
    }
    convolve({runs.data(), count}, widened_weights(operands));
  }

  // Quantizes `count` pixels of a row from column `left` on. Those beyond the picture are 0.
  HWY_NOINLINE void quantize_row(const float* row, int left, std::size_t count, Sample* to,
                                 SampleGrid* grids) const {
    for (std::size_t p = 0; p < count; ++p, to += channels_) {
      const int x = left + static_cast<int>(p);
      if (x < 0 || x >= in_.width) {
        grids[p] = {};
        std::fill_n(to, channels_, Sample{0});
      } else {
        const float* pixel = row + to_size(x) * channels_;
        grids[p] = grid_of(pixel, channels_);
        quantize(pixel, channels_, grids[p], to);
      }
    }
  }

  // The input side of a run whose windows begin at row `top`. `input` begins at row `begin`, and
  // has rows of `pixels` pixels.
  IntegerRun run_of(int top, std::size_t pixels, const SampledPixels& input, int begin) const {
    // Skips rows of the window above or below the picture.
    const int first = std::max(-top, 0);
    const int last = std::min(window_.height, in_.height - top);
    IntegerRun run;
    run.input = input.at(to_size(top + first - begin) * pixels);
    run.pixel_step = to_size(window_.stride_x);
    run.rows = to_size(std::max(last - first, 0));
    run.row_step = pixels;
    run.columns = to_size(window_.width);
    run.first_row = to_size(first);
    return run;
  }

  Window window_;
  Activation activation_;
  Shape in_, out_;
  std::size_t channels_;
  IntegerFilter filter_;
};

}  // namespace

std::unique_ptr<Kernel> new_integer_conv2d(const KernelSpec& spec) {
  return std::make_unique<IntegerConv2d>(spec);
}

bool has_dot() { return kHasDot && (!HWY_ARCH_ARM_A64 || has_arm_dot_product()); }

}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {
HWY_EXPORT(new_integer_conv2d);
HWY_EXPORT(has_dot);
std::unique_ptr<Kernel> make_integer_conv2d(const KernelSpec& spec) {
  return HWY_DYNAMIC_DISPATCH(new_integer_conv2d)(spec);
}
bool has_integer_products() { return HWY_DYNAMIC_DISPATCH(has_dot)(); }
}  // namespace backdrop
#endif
