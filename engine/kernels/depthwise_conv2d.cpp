// Depthwise convolution, with bias, activation and a residual. Vectors run along the channels.
#include "kernels/kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/depthwise_conv2d.cpp"
#include "hwy/foreach_target.h"

#include <span>

#include "base/buffer.h"
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
        out_(spec.output) {
    const Window& w = window_;
    const int room = in_.width + w.pad_left - (w.width - 1) * w.dilation_x - 1;
    inner_begin_ = std::min((w.pad_left + w.stride_x - 1) / w.stride_x, out_.width);
    inner_end_ = room < 0 ? 0 : std::min(room / w.stride_x + 1, out_.width);
    inner_end_ = std::max(inner_end_, inner_begin_);
    pack(spec.filter, spec.bias);
  }

  std::size_t rows() const override { return to_size(out_.height); }
  std::size_t work() const override {
    return out_.size() * to_size(window_.height) * to_size(window_.width);
  }

  void run_rows(std::size_t first, std::size_t last, float*) override {
    const std::size_t row = to_size(out_.width) * to_size(out_.channels);
    for (std::size_t y = first; y < last; ++y) {
      run_row(static_cast<int>(y));
      if (!is_curved(activation_)) continue;
      const float* residual = operands_.residual;
      finish_curved(activation_, operands_.output + y * row,
                    residual == nullptr ? nullptr : residual + y * row, row);
    }
  }

 private:
  // For each vector of channels, as for_each_vector has them, its bias and then the weights of its
  // taps: one stream, where the filter's rows would lie far apart.
  void pack(std::span<const float> filter, std::span<const float> bias) {
    const std::size_t channels = to_size(out_.channels);
    const std::size_t taps = to_size(window_.height) * to_size(window_.width);
    const std::size_t vectors = (channels + kLanes - 1) / kLanes;
    packed_ = Buffer<float>::zeros(vectors * (taps + 1) * kLanes);
    float* to = packed_.data();
    for_each_vector(channels, [&](std::size_t channel, std::size_t lanes) {
      std::copy_n(bias.data() + channel, lanes, to);
      for (std::size_t t = 0; t < taps; ++t) {
        to += kLanes;
        std::copy_n(filter.data() + t * channels + channel, lanes, to);
      }
      to += kLanes;
    });
  }

  // Calls body(channel, lanes, packed) for each vector of channels.
  template <typename Body>
  HWY_INLINE void for_each_channel_vector(const Body& body) const {
    const std::size_t step = (to_size(window_.height) * to_size(window_.width) + 1) * kLanes;
    const float* packed = packed_.data();
    for_each_vector(to_size(out_.channels), [&](std::size_t channel, std::size_t lanes) HWY_ATTR {
      body(channel, lanes, packed);
      packed += step;
    });
  }

  // A row of output. Pixels whose window is within the picture from left to right are done several
  // at a time.
  void run_row(int y) const {
    run_taps(y, 0, inner_begin_, 1);
    if (to_size(out_.channels) < kLanes) {
      run_taps(y, inner_begin_, inner_end_, 1);
    } else if (window_.width == 3 && window_.stride_x == 1) {
      run_phases<3>(y);
    } else if (window_.width == 5 && window_.stride_x == 1) {
      run_phases<5>(y);
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
  template <int kWidth>
  void run_phases(int y) const {
    const int step = window_.dilation_x;
    for (int phase = 0; phase < step; ++phase) {
      int x = inner_begin_ + phase;
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

  // `at` is the vector's place in the output.
  HWY_INLINE void finish(V sum, const Clamp& clamp, std::size_t at, std::size_t lanes) const {
    V result = clamp(sum);
    if (operands_.residual != nullptr && !is_curved(activation_)) {
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
    const std::size_t channels = to_size(in_.channels);
    const std::size_t row = to_size(window_.dilation_y) * to_size(in_.width) * channels;
    const Clamp clamp(activation_);
    for (; x + (kPixels - 1) * step < inner_end_; x += kPixels * step) {
      const float* input =
          input_at(taps.top + taps.first * window_.dilation_y, x * kStride - window_.pad_left, 0);
      const std::size_t output = output_at(y, x, 0);
      for_each_channel_vector([&](std::size_t channel, std::size_t, const float* packed) HWY_ATTR {
        run_tile<kWidth, kStride, kPixels>(taps, input + channel, row, to_size(step) * channels,
                                           packed, clamp, output + channel);
      });
    }
    return x;
  }

  // kPixels outputs, whose windows share input: each sample is loaded once for a row of the window.
  // Samples lie `step` floats apart, rows of the window `row`.
  template <int kWidth, int kStride, int kPixels>
  HWY_INLINE void run_tile(const TapRows& taps, const float* HWY_RESTRICT input, std::size_t row,
                           std::size_t step, const float* HWY_RESTRICT packed, const Clamp& clamp,
                           std::size_t output) const {
    const D d;
    V sums[kPixels];
    HWY_UNROLL(8)
    for (int p = 0; p < kPixels; ++p) sums[p] = hn::Zero(d);
    // Added last: the products lose less beside one another.
    const V bias = hn::Load(d, packed);
    packed += to_size(1 + taps.first * kWidth) * kLanes;

    for (int ky = taps.first; ky < taps.last; ++ky, input += row, packed += kWidth * kLanes) {
      V weights[kWidth];
      HWY_UNROLL(8)
      for (int kx = 0; kx < kWidth; ++kx) weights[kx] = hn::Load(d, packed + to_size(kx) * kLanes);
      constexpr int kSamples = (kPixels - 1) * kStride + kWidth;
      const float* HWY_RESTRICT sample_at = input;
      HWY_UNROLL(16)
      for (int s = 0; s < kSamples; ++s, sample_at += step) {
        const V sample = hn::LoadU(d, sample_at);
        HWY_UNROLL(8)
        for (int p = 0; p < kPixels; ++p) {
          const int kx = s - p * kStride;
          if (kx < 0 || kx >= kWidth) continue;
          sums[p] = hn::MulAdd(sample, weights[kx], sums[p]);
          pin(sums[p]);
        }
      }
    }
    HWY_UNROLL(8)
    for (int p = 0; p < kPixels; ++p, output += step) {
      finish(hn::Add(sums[p], bias), clamp, output, kLanes);
    }
  }

  // Outputs from `begin`, `step` pixels apart, one by one: for any window and at the borders.
  HWY_NOINLINE void run_taps(int y, int begin, int end, int step) const {
    const TapRows taps = tap_rows(y);
    const Clamp clamp(activation_);
    for (int x = begin; x < end; x += step) {
      for_each_channel_vector([&](std::size_t channel, std::size_t lanes, const float* packed)
                                  HWY_ATTR {
                                    const V sum = sum_taps(taps, x, channel, lanes, packed);
                                    finish(sum, clamp, output_at(y, x, channel), lanes);
                                  });
    }
  }

  HWY_INLINE V sum_taps(const TapRows& taps, int x, std::size_t channel, std::size_t lanes,
                        const float* packed) const {
    const Window& w = window_;
    const int left = x * w.stride_x - w.pad_left;
    V sum = hn::Zero(D());
    for (int ky = taps.first; ky < taps.last; ++ky) {
      for (int kx = 0; kx < w.width; ++kx) {
        const int in_x = left + kx * w.dilation_x;
        if (in_x < 0 || in_x >= in_.width) continue;
        const V weight = hn::Load(D(), packed + to_size(1 + ky * w.width + kx) * kLanes);
        const V sample = load(input_at(taps.top + ky * w.dilation_y, in_x, channel), lanes);
        sum = hn::MulAdd(sample, weight, sum);
      }
    }
    return hn::Add(sum, hn::Load(D(), packed));
  }

  Operands operands_;
  Window window_;
  Activation activation_;
  Shape in_, out_;
  Buffer<float> packed_;
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
