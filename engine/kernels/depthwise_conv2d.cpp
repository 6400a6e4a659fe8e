// Depthwise convolution, with bias, activation and a residual. Vectors run along the channels.
#include "kernels/kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/depthwise_conv2d.cpp"
#include "hwy/foreach_target.h"

#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {

class DepthwiseConv2d final : public Kernel {
 public:
  explicit DepthwiseConv2d(const KernelSpec& spec)
      : operands_(spec.operands),
        window_(spec.node.window),
        activation_(spec.node.activation),
        in_(spec.inputs[0]),
        out_(spec.output),
        filter_(spec.filter.begin(), spec.filter.end()),
        bias_(spec.bias.begin(), spec.bias.end()) {
    const Window& w = window_;
    const int room = in_.width + w.pad_left - (w.width - 1) * w.dilation_x - 1;
    inner_begin_ = std::min((w.pad_left + w.stride_x - 1) / w.stride_x, out_.width);
    inner_end_ = room < 0 ? 0 : std::min(room / w.stride_x + 1, out_.width);
    inner_end_ = std::max(inner_end_, inner_begin_);
  }

  std::size_t rows() const override { return to_size(out_.height); }
  std::size_t work() const override {
    return out_.size() * to_size(window_.height) * to_size(window_.width);
  }

  void run_rows(std::size_t first, std::size_t last, float*) override {
    for (std::size_t y = first; y < last; ++y) run_row(static_cast<int>(y));
  }

 private:
  // A row of output. Pixels whose window is within the picture from left to right are done several
  // at a time.
  void run_row(int y) const {
    run_taps(y, 0, inner_begin_, 1);
    if (to_size(out_.channels) < kLanes) {
      run_taps(y, inner_begin_, inner_end_, 1);
    } else if (window_.width == 3 && window_.stride_x == 1) {
      run_phases<3, 8>(y);
    } else if (window_.width == 5 && window_.stride_x == 1) {
      run_phases<5, 6>(y);
    } else {
      int x = inner_begin_;
      if (window_.width == 3 && window_.stride_x == 2 && window_.dilation_x == 1)
        x = run_tiles<3, 2, 4>(y, x, 1);
      if (window_.width == 5 && window_.stride_x == 2 && window_.dilation_x == 1)
        x = run_tiles<5, 2, 4>(y, x, 1);
      run_taps(y, x, inner_end_, 1);
    }
    run_taps(y, inner_end_, out_.width, 1);
  }

  // Windows that are dilated share samples with those as far apart: the row is as many interleaved
  // ones.
  template <int kWidth, int kPixels>
  void run_phases(int y) const {
    const int step = window_.dilation_x;
    for (int phase = 0; phase < step; ++phase) {
      int x = inner_begin_ + phase;
      x = run_tiles<kWidth, 1, kPixels>(y, x, step);
      x = run_tiles<kWidth, 1, 4>(y, x, step);
      x = run_tiles<kWidth, 1, 2>(y, x, step);
      run_taps(y, x, inner_end_, step);
    }
  }

  // The window's rows that lie in the picture: [first, last).
  struct TapRows {
    int top, first, last;
  };
  TapRows tap_rows(int y) const {
    const Window& w = window_;
    const int top = y * w.stride_y - w.pad_top;
    return {top, top >= 0 ? 0 : (-top + w.dilation_y - 1) / w.dilation_y,
            std::min(w.height, (in_.height - 1 - top) / w.dilation_y + 1)};
  }

  const float* input_at(int y, int x, std::size_t channel) const {
    return operands_.inputs[0] +
           (to_size(y) * to_size(in_.width) + to_size(x)) * to_size(in_.channels) + channel;
  }

  // `channel` is the first of the vector, `at` its place in the output.
  void finish(V sum, std::size_t channel, std::size_t at, std::size_t lanes) const {
    V result = activate(activation_, hn::Add(sum, load(bias_.data() + channel, lanes)));
    if (operands_.residual != nullptr) {
      result = hn::Add(result, load(operands_.residual + at, lanes));
    }
    store(result, operands_.output + at, lanes);
  }

  std::size_t output_at(int y, int x, std::size_t channel) const {
    return (to_size(y) * to_size(out_.width) + to_size(x)) * to_size(out_.channels) + channel;
  }

  // Outputs from x, `step` pixels apart, as far as kPixels fit. A function of its own, called
  // often: a WebAssembly engine replaces its first, slow code for a function between two calls of
  // it, never within one.
  template <int kWidth, int kStride, int kPixels>
  HWY_NOINLINE int run_tiles(int y, int x, int step) const {
    const TapRows taps = tap_rows(y);
    for (; x + (kPixels - 1) * step < inner_end_; x += kPixels * step) {
      for_each_vector(to_size(out_.channels), [&](std::size_t channel, std::size_t) HWY_ATTR {
        run_tile<kWidth, kStride, kPixels>(taps, y, x, to_size(step), channel);
      });
    }
    return x;
  }

  // kPixels outputs, whose windows share input: each sample is loaded once for a row of the window.
  template <int kWidth, int kStride, int kPixels>
  HWY_INLINE void run_tile(const TapRows& taps, int y, int x, std::size_t step,
                           std::size_t channel) const {
    const D d;
    const std::size_t channels = to_size(in_.channels);
    V sums[kPixels];
    HWY_UNROLL(8)
    for (int p = 0; p < kPixels; ++p) sums[p] = hn::Zero(d);

    for (int ky = taps.first; ky < taps.last; ++ky) {
      const float* HWY_RESTRICT weights =
          filter_.data() + to_size(ky) * to_size(kWidth) * channels + channel;
      const float* HWY_RESTRICT input =
          input_at(taps.top + ky * window_.dilation_y, x * kStride - window_.pad_left, channel);
      V row[kWidth];
      HWY_UNROLL(8)
      for (int kx = 0; kx < kWidth; ++kx) {
        row[kx] = hn::LoadU(d, weights + to_size(kx) * channels);
      }
      constexpr int kSamples = (kPixels - 1) * kStride + kWidth;
      HWY_UNROLL(16)
      for (int s = 0; s < kSamples; ++s) {
        const V sample = hn::LoadU(d, input + to_size(s) * step * channels);
        HWY_UNROLL(8)
        for (int p = 0; p < kPixels; ++p) {
          const int kx = s - p * kStride;
          if (kx < 0 || kx >= kWidth) continue;
          sums[p] = hn::MulAdd(sample, row[kx], sums[p]);
          pin(sums[p]);
        }
      }
    }
    HWY_UNROLL(8)
    for (int p = 0; p < kPixels; ++p) {
      finish(sums[p], channel, output_at(y, x, channel) + to_size(p) * step * channels, kLanes);
    }
  }

  // Outputs from `begin`, `step` pixels apart, one by one: for any window and at the borders.
  HWY_NOINLINE void run_taps(int y, int begin, int end, int step) const {
    const TapRows taps = tap_rows(y);
    for (int x = begin; x < end; x += step) {
      for_each_vector(to_size(out_.channels), [&](std::size_t channel, std::size_t lanes) HWY_ATTR {
        run_tap(taps, y, x, channel, lanes);
      });
    }
  }

  HWY_INLINE void run_tap(const TapRows& taps, int y, int x, std::size_t channel,
                          std::size_t lanes) const {
    const Window& w = window_;
    const int left = x * w.stride_x - w.pad_left;
    V sum = hn::Zero(D());
    for (int ky = taps.first; ky < taps.last; ++ky) {
      for (int kx = 0; kx < w.width; ++kx) {
        const int in_x = left + kx * w.dilation_x;
        if (in_x < 0 || in_x >= in_.width) continue;
        const std::size_t tap = to_size(ky) * to_size(w.width) + to_size(kx);
        const V weight = load(filter_.data() + tap * to_size(in_.channels) + channel, lanes);
        const V sample = load(input_at(taps.top + ky * w.dilation_y, in_x, channel), lanes);
        sum = hn::MulAdd(sample, weight, sum);
      }
    }
    finish(sum, channel, output_at(y, x, channel), lanes);
  }

  Operands operands_;
  Window window_;
  Activation activation_;
  Shape in_, out_;
  std::vector<float> filter_, bias_;
  int inner_begin_ = 0;
  int inner_end_ = 0;
};

}  // namespace

std::unique_ptr<Kernel> new_depthwise_conv2d(const KernelSpec& spec) {
  return std::make_unique<DepthwiseConv2d>(spec);
}

}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {
HWY_EXPORT(new_depthwise_conv2d);
std::unique_ptr<Kernel> make_depthwise_conv2d(const KernelSpec& spec) {
  return HWY_DYNAMIC_DISPATCH(new_depthwise_conv2d)(spec);
}
}  // namespace backdrop
#endif
