// Transposed convolution whose windows do not overlap: each input pixel makes a block of outputs.
// It is a pointwise convolution to the values of a block, which are then put in their rows.
#include "kernels/kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/transpose_conv2d.cpp"
#include "hwy/foreach_target.h"

#include "kernels/pixels-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {

class TransposeConv2d final : public Kernel {
 public:
  explicit TransposeConv2d(const KernelSpec& spec)
      : input_(spec.operands.inputs[0]),
        output_(spec.operands.output),
        window_(spec.node.window),
        activation_(spec.node.activation),
        in_(spec.inputs[0]),
        out_(spec.output) {
    // From output channels x block x input channels to block x output channels x input channels.
    const std::size_t block = to_size(window_.height) * to_size(window_.width);
    const std::size_t depth = to_size(in_.channels);
    const std::size_t channels = to_size(out_.channels);
    std::vector<float> filter(block * channels * depth);
    std::vector<float> bias(block * channels);
    for (std::size_t b = 0; b < block; ++b) {
      for (std::size_t c = 0; c < channels; ++c) {
        bias[b * channels + c] = spec.bias[c];
        std::copy_n(spec.filter.data() + (c * block + b) * depth, depth,
                    filter.data() + (b * channels + c) * depth);
      }
    }
    filter_ = PackedFilter(block * channels, depth, filter, bias);
  }

  std::size_t rows() const override { return to_size(in_.height); }
  std::size_t work() const override { return out_.size() * to_size(in_.channels); }
  std::size_t scratch_size() const override { return to_size(in_.width) * filter_.columns(); }

  void run_rows(std::size_t first, std::size_t last, float* scratch) override {
    const std::size_t width = to_size(in_.width);
    for (std::size_t y = first; y < last; ++y) {
      PixelRun run;
      run.count = width;
      run.segment_length = run.pixel_stride = to_size(in_.channels);
      run.input = input_ + y * width * run.pixel_stride;
      run.output = scratch;
      run.activation = activation_;
      convolve_pixels(run, filter_, filter_.weights());
      spread_blocks(scratch, y);
    }
  }

 private:
  void spread_blocks(const float* HWY_RESTRICT blocks, std::size_t y) const {
    const std::size_t block_row = to_size(window_.width) * to_size(out_.channels);
    const std::size_t out_row = to_size(out_.width) * to_size(out_.channels);
    for (std::size_t by = 0; by < to_size(window_.height); ++by) {
      float* HWY_RESTRICT to = output_ + (y * to_size(window_.height) + by) * out_row;
      const float* HWY_RESTRICT from = blocks + by * block_row;
      for (std::size_t x = 0; x < to_size(in_.width); ++x, from += filter_.columns()) {
        for (std::size_t i = 0; i < block_row; ++i) *to++ = from[i];
      }
    }
  }

  const float* input_;
  float* output_;
  Window window_;
  Activation activation_;
  Shape in_, out_;
  PackedFilter filter_;
};

}  // namespace

std::unique_ptr<Kernel> new_transpose_conv2d(const KernelSpec& spec) {
  return std::make_unique<TransposeConv2d>(spec);
}

}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {
HWY_EXPORT(new_transpose_conv2d);
std::unique_ptr<Kernel> make_transpose_conv2d(const KernelSpec& spec) {
  return HWY_DYNAMIC_DISPATCH(new_transpose_conv2d)(spec);
}
}  // namespace backdrop
#endif
