// Depthwise convolution with bias, activation and residual. Vectors hold neighbouring channels. The
// halo of halo_of() beside each input row provides the zero padding.
#include <algorithm>

#include "net/kernels/kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "net/kernels/depthwise_conv2d.cpp"
#include "hwy/foreach_target.h"

#include <span>

#include "base/buffer.h"
#include "net/kernels/activation-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {

class DepthwiseConv2d final : public Kernel {
 public:
  explicit DepthwiseConv2d(const KernelSpec& spec)
      : window_(spec.node.window),
        activation_(spec.node.activation),
        in_(spec.inputs[0]),
        out_(spec.output),
        input_stride_(layout_of(in_, halo_of(spec.node, in_, out_)).stride) {
    BACKDROP_ASSERT(spec.filter.size() ==
                    to_size(window_.height) * to_size(window_.width) * channels());
    BACKDROP_ASSERT(spec.bias.size() == channels());
    pack(spec.filter, spec.bias);
  }

  std::size_t rows() const override { return to_size(out_.height); }
  std::size_t work() const override {
    return out_.size() * to_size(window_.height) * to_size(window_.width);
  }
  std::size_t weight_bytes() const override { return packed_.size() * sizeof(float); }

  void compute_rows(std::size_t first, std::size_t last, const Operands& operands) override {
    BACKDROP_ASSERT(operands.inputs[0].stride >= input_stride_);
    for (std::size_t y = first; y < last; ++y) {
      Row row = row_of(y, operands);
      const float* residual = row.residual;
      if (is_curved(activation_)) row.residual = nullptr;
      run_row(row);
      if (is_curved(activation_)) {
        finish_curved(activation_, row.output, residual, to_size(out_.width) * channels());
      }
    }
  }

 private:
  // The operands of one output row.
  struct Row {
    const Rows* input;
    std::size_t slot;  // slot in `input` of the window's row `first`
    int first, last;   // the window's rows inside the picture
    const float* residual;
    float* output;
  };

  std::size_t channels() const { return to_size(out_.channels); }

  Row row_of(std::size_t y, const Operands& operands) const {
    const Window& w = window_;
    const Rows& input = operands.inputs[0];
    const int top = static_cast<int>(y) * w.stride_y - w.pad_top;
    const int first = top >= 0 ? 0 : (-top + w.dilation_y - 1) / w.dilation_y;
    const int last = std::min(w.height, (in_.height - 1 - top) / w.dilation_y + 1);
    return {&input,
            to_size(top + first * w.dilation_y) % input.count,
            first,
            last,
            operands.residual.data == nullptr ? nullptr : operands.residual.row(y),
            operands.output.row(y)};
  }

  // Packs, for each vector of channels (in for_each_vector's order), the bias and then the weights
  // of all taps. The kernel then reads one stream; in the filter the taps of a channel lie far
  // apart.
  void pack(std::span<const float> filter, std::span<const float> bias) {
    const std::size_t taps = to_size(window_.height) * to_size(window_.width);
    const std::size_t vectors = (channels() + kLanes - 1) / kLanes;
    packed_ = Buffer<float>::zeros(vectors * (taps + 1) * kLanes);
    float* to = packed_.data();
    for_each_vector(channels(), [&](std::size_t channel, std::size_t lanes) {
      std::copy_n(bias.data() + channel, lanes, to);
      for (std::size_t t = 0; t < taps; ++t) {
        to += kLanes;
        std::copy_n(filter.data() + t * channels() + channel, lanes, to);
      }
      to += kLanes;
    });
  }

  // Calls body(channel, lanes, packed) for each vector of channels.
  template <typename Body>
  HWY_INLINE void for_each_channel_vector(const Body& body) const {
    const std::size_t step = (to_size(window_.height) * to_size(window_.width) + 1) * kLanes;
    const float* packed = packed_.data();
    for_each_vector(channels(), [&](std::size_t channel, std::size_t lanes) HWY_ATTR {
      body(channel, lanes, packed);
      packed += step;
    });
  }

  void run_row(const Row& row) const {
    const Window& w = window_;
    const bool is_tiled = channels() >= kLanes && (w.dilation_x == 1 || w.stride_x == 1);
    if (is_tiled && w.width == 3 && w.stride_x == 1) {
      run_phases<3, 1, 8>(row);
    } else if (is_tiled && w.width == 5 && w.stride_x == 1) {
      run_phases<5, 1, 4>(row);
    } else if (is_tiled && w.width == 3 && w.stride_x == 2) {
      run_phases<3, 2, 4>(row);
    } else if (is_tiled && w.width == 5 && w.stride_x == 2) {
      run_phases<5, 2, 4>(row);
    } else {
      run_taps(row, 0, 1);
    }
  }

  // Dilated windows share samples only with windows a multiple of the dilation away. The row is
  // therefore processed as `dilation` interleaved rows (phases), each without dilation.
  template <int kWidth, int kStride, int kPixels>
  void run_phases(const Row& row) const {
    const int step = window_.dilation_x;
    for (int phase = 0; phase < std::min(step, out_.width); ++phase) {
      const int pixels = (out_.width - phase - 1) / step + 1;
      if (pixels < kPixels) {
        run_taps(row, phase, step);
      } else {
        run_tiles<kWidth, kStride, kPixels>(row, phase, pixels);
      }
    }
  }

  // Computes `pixels` outputs of a phase, kPixels at a time; the last tile overlaps the one before.
  // Not inlined, so that it is called often: a WebAssembly engine replaces its slow baseline code
  // for a function between two calls, never within one.
  template <int kWidth, int kStride, int kPixels>
  HWY_NOINLINE void run_tiles(const Row& given, int phase, int pixels) const {
    // Copies, because the compiler must assume that writes to the output change `given`.
    const Row row = given;
    const Rows input = *given.input;
    const TapStrides taps = {input.stride, input.count, to_size(window_.dilation_y),
                             to_size(window_.dilation_x) * channels()};
    const std::size_t depth = channels();
    const std::size_t packed_step = (to_size(window_.height) * kWidth + 1) * kLanes;
    const std::size_t first_tap = to_size(1 + row.first * kWidth) * kLanes;
    const int step = window_.dilation_x;
    const int left = window_.pad_left;
    const float* packed_begin = packed_.data();
    const Clamp clamp(activation_);
    const bool is_clamp = activation_ != Activation::kHardSwish;

    for (int pixel = 0; pixel < pixels; pixel += kPixels) {
      const int x = phase + std::min(pixel, pixels - kPixels) * step;
      const float* samples = input.data + (x * kStride - left) * static_cast<std::ptrdiff_t>(depth);
      const std::size_t output = to_size(x) * depth;
      const float* packed = packed_begin;
      for (std::size_t at = 0; at < depth; at += kLanes, packed += packed_step) {
        const std::size_t channel = std::min(at, depth - kLanes);
        V sums[kPixels];
        sum_tile<kWidth, kStride>(row, taps, samples + channel, packed + first_tap, sums);
        // The bias is added last: the sum of the products alone rounds less.
        const V bias = hn::Load(D(), packed);
        HWY_UNROLL(8)
        for (int p = 0; p < kPixels; ++p) sums[p] = hn::Add(sums[p], bias);
        if (is_clamp) {
          store_sums(row, clamp, output + channel, taps.pixel, sums);
        } else {
          store_sums(row, HardSwish(), output + channel, taps.pixel, sums);
        }
      }
    }
  }

  // The distances between the taps of a window in the input's memory.
  struct TapStrides {
    std::size_t row, rows;   // floats between rows; rows that are stored
    std::size_t dilation_y;  // rows
    std::size_t pixel;       // floats between taps of a row
  };

  // Sums kPixels outputs whose windows overlap. Each sample is loaded once for a row of the
  // windows.
  template <int kWidth, int kStride, int kPixels>
  HWY_INLINE void sum_tile(const Row& row, const TapStrides& taps, const float* input,
                           const float* HWY_RESTRICT packed, V (&sums)[kPixels]) const {
    const D d;
    HWY_UNROLL(8)
    for (int p = 0; p < kPixels; ++p) sums[p] = hn::Zero(d);
    std::size_t slot = row.slot;
    for (int ky = row.first; ky < row.last; ++ky, packed += kWidth * kLanes) {
      const float* HWY_RESTRICT sample_at = input + slot * taps.row;
      slot += taps.dilation_y;
      if (slot >= taps.rows) slot -= taps.rows;
      V weights[kWidth];
      HWY_UNROLL(8)
      for (int kx = 0; kx < kWidth; ++kx) weights[kx] = hn::Load(d, packed + to_size(kx) * kLanes);
      constexpr int kSamples = (kPixels - 1) * kStride + kWidth;
      HWY_UNROLL(16)
      for (int s = 0; s < kSamples; ++s, sample_at += taps.pixel) {
        const V sample = hn::LoadU(d, sample_at);
        HWY_UNROLL(8)
        for (int p = 0; p < kPixels; ++p) {
          const int kx = s - p * kStride;
          if (kx < 0 || kx >= kWidth) continue;
          sums[p] = pinned(hn::MulAdd(sample, weights[kx], sums[p]));
        }
      }
    }
  }

  // Activates the sums, adds the residual and writes the outputs, `step` floats apart.
  template <typename Activate, int kPixels>
  HWY_INLINE void store_sums(const Row& row, const Activate& activate, std::size_t at,
                             std::size_t step, V (&sums)[kPixels]) const {
    HWY_UNROLL(8)
    for (int p = 0; p < kPixels; ++p) sums[p] = activate(sums[p]);
    if (row.residual != nullptr) {
      const float* residual = row.residual + at;
      HWY_UNROLL(8)
      for (int p = 0; p < kPixels; ++p, residual += step) {
        sums[p] = hn::Add(sums[p], hn::LoadU(D(), residual));
      }
    }
    float* output = row.output + at;
    HWY_UNROLL(8)
    for (int p = 0; p < kPixels; ++p, output += step) hn::StoreU(sums[p], D(), output);
  }

  // Computes the outputs from column `begin`, `step` pixels apart, one by one. Supports any window.
  HWY_NOINLINE void run_taps(const Row& row, int begin, int step) const {
    for (int x = begin; x < out_.width; x += step) {
      const std::size_t output = to_size(x) * channels();
      for_each_channel_vector([&](std::size_t channel, std::size_t lanes, const float* packed)
                                  HWY_ATTR {
                                    V result = sum_taps(row, x, channel, lanes, packed);
                                    if (!is_curved(activation_)) {
                                      result = activate(activation_, result);
                                    }
                                    if (row.residual != nullptr) {
                                      const float* more = row.residual + output + channel;
                                      result = hn::Add(result, load(more, lanes));
                                    }
                                    store(result, row.output + output + channel, lanes);
                                  });
    }
  }

  HWY_INLINE V sum_taps(const Row& row, int x, std::size_t channel, std::size_t lanes,
                        const float* packed) const {
    const Window& w = window_;
    const int left = x * w.stride_x - w.pad_left;
    V sum = hn::Zero(D());
    std::size_t slot = row.slot;
    for (int ky = row.first; ky < row.last; ++ky) {
      const float* input = row.input->data + slot * row.input->stride + channel;
      slot += to_size(w.dilation_y);
      if (slot >= row.input->count) slot -= row.input->count;
      for (int kx = 0; kx < w.width; ++kx) {
        const V weight = hn::Load(D(), packed + to_size(1 + ky * w.width + kx) * kLanes);
        const V sample = load(input + (left + kx * w.dilation_x) * out_.channels, lanes);
        sum = hn::MulAdd(sample, weight, sum);
      }
    }
    return hn::Add(sum, hn::Load(D(), packed));
  }

  Window window_;
  Activation activation_;
  Shape in_, out_;
  std::size_t input_stride_;  // of input rows with their halo, in floats
  Buffer<float> packed_;
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
