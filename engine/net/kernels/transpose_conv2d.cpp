// Transposed convolution: each input pixel adds a window of values to the output. The output is
// computed in row groups as high as the stride, and the filter is divided into slices of as many
// window rows. An input row's contribution to a row group is a pointwise convolution with one
// slice; the resulting values are then added at each pixel's window. Windows that tile the output
// exactly need no sums: their values are copied into place.
#include <algorithm>
#include <cstring>

#include "base/saturating.h"
#include "net/kernels/kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "net/kernels/transpose_conv2d.cpp"
#include "hwy/foreach_target.h"

#include "net/kernels/pixels-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {

class TransposeConv2d final : public Kernel {
 public:
  explicit TransposeConv2d(const KernelSpec& spec)
      : window_(spec.node.window),
        activation_(spec.node.activation),
        in_(spec.inputs[0]),
        out_(spec.output),
        bias_(spec.bias.begin(), spec.bias.end()),
        windows_tile_(window_ == Window{.height = window_.stride_y,
                                        .width = window_.stride_x,
                                        .stride_y = window_.stride_y,
                                        .stride_x = window_.stride_x} &&
                      out_.height == in_.height * window_.stride_y &&
                      out_.width == in_.width * window_.stride_x) {
    for (int first = 0; first < window_.height; first += window_.stride_y) {
      slices_.push_back(make_slice(spec.filter, first));
    }
  }

  std::size_t rows() const override {
    return to_size((out_.height + window_.pad_top - 1) / window_.stride_y + 1);
  }
  std::size_t work() const override {
    return in_.size() * to_size(window_.height) * to_size(window_.width) * to_size(out_.channels);
  }
  std::size_t weight_bytes() const override {
    std::size_t floats = bias_.size();
    for (const FilterSlice& slice : slices_) floats += slice.filter.size();
    return floats * sizeof(float);
  }
  std::size_t scratch_size() const override {
    return (Size(in_.width) * slices_.front().filter.columns()).get();
  }

  void compute_rows(std::size_t first, std::size_t last, const Operands& operands) override {
    const Rows& output = operands.output;
    for (int group = static_cast<int>(first); group < static_cast<int>(last); ++group) {
      if (windows_tile_) {
        place_row(group, operands);
        continue;
      }
      const int top = group * window_.stride_y - window_.pad_top;
      const int begin = std::max(top, 0);
      const int end = std::min(top + window_.stride_y, out_.height);
      for (int y = begin; y < end; ++y) fill_with_bias(output.row(to_size(y)));
      for (std::size_t slice = 0; slice < slices_.size(); ++slice) {
        const int y = group - static_cast<int>(slice);
        if (y >= 0 && y < in_.height) add_row(y, slices_[slice], top, operands);
      }
      if (activation_ == Activation::kNone) continue;
      for (int y = begin; y < end; ++y) activate_row(output.row(to_size(y)));
    }
  }

 private:
  // Rows of the window, as a pointwise filter from an input pixel to the values of these rows.
  struct FilterSlice {
    int height;  // rows of the window
    PackedFilter filter;
  };

  // Reorders output channels x window x input channels to window x output channels x input
  // channels.
  FilterSlice make_slice(std::span<const float> filter, int first) const {
    const int height = std::min(window_.stride_y, window_.height - first);
    const std::size_t places = to_size(height) * to_size(window_.width);
    const std::size_t window = to_size(window_.height) * to_size(window_.width);
    const std::size_t depth = to_size(in_.channels);
    const std::size_t channels = to_size(out_.channels);
    const float* from = filter.data() + to_size(first) * to_size(window_.width) * depth;
    std::vector<float> reordered(places * channels * depth);
    for (std::size_t p = 0; p < places; ++p) {
      for (std::size_t c = 0; c < channels; ++c) {
        std::copy_n(from + (c * window + p) * depth, depth,
                    reordered.data() + (p * channels + c) * depth);
      }
    }
    std::vector<float> bias(places * channels);
    for (std::size_t i = 0; windows_tile_ && i < bias.size(); ++i) bias[i] = bias_[i % channels];
    return {height, PackedFilter(places * channels, depth, reordered, bias)};
  }

  std::size_t row_size() const { return to_size(out_.width) * to_size(out_.channels); }

  void fill_with_bias(float* row) const {
    for (float* end = row + row_size(); row != end;) {
      for (const float value : bias_) *row++ = value;
    }
  }

  void activate_row(float* row) const {
    std::size_t i = 0;
    for (; i + kLanes <= row_size(); i += kLanes) {
      hn::StoreU(activate(activation_, hn::LoadU(D(), row + i)), D(), row + i);
    }
    const std::size_t left = row_size() - i;
    if (left > 0) store(activate(activation_, load_some(row + i, left)), row + i, left);
  }

  // Computes the values that an input row contributes to a row group, pixel by pixel.
  void convolve_row(const float* row, const FilterSlice& slice, Activation activation,
                    float* to) const {
    PixelRun run;
    run.count = to_size(in_.width);
    run.segment_length = run.pixel_stride = to_size(in_.channels);
    run.input = row;
    run.output = to;
    run.output_stride = slice.filter.columns();
    run.activation = activation;
    convolve_pixels(run, slice.filter, slice.filter.weights());
  }

  std::size_t window_row_size() const { return to_size(window_.width) * to_size(out_.channels); }

  void place_row(int y, const Operands& operands) const {
    convolve_row(operands.inputs[0].row(to_size(y)), slices_.front(), activation_,
                 operands.scratch);
    for (int ky = 0; ky < window_.height; ++ky) {
      const float* from = operands.scratch + to_size(ky) * window_row_size();
      float* to = operands.output.row(to_size(y * window_.height + ky));
      // A copy of a constant size compiles to a load and a store.
      if (window_row_size() == 2) {
        place_windows<2>(from, to);
      } else if (window_row_size() == 4) {
        place_windows<4>(from, to);
      } else {
        place_windows<0>(from, to);
      }
    }
  }

  // Writes one row of each window after that of the window before. A row has kSize floats, or
  // window_row_size() if kSize is 0.
  template <std::size_t kSize>
  void place_windows(const float* HWY_RESTRICT from, float* HWY_RESTRICT to) const {
    const std::size_t size = kSize == 0 ? window_row_size() : kSize;
    const std::size_t stride = slices_.front().filter.columns();
    for (int x = 0; x < in_.width; ++x, from += stride, to += size) {
      std::memcpy(to, from, size * sizeof(float));
    }
  }

  // Adds the contribution of input row `y` to the row group that begins at output row `top`.
  void add_row(int y, const FilterSlice& slice, int top, const Operands& operands) const {
    float* scratch = operands.scratch;
    convolve_row(operands.inputs[0].row(to_size(y)), slice, Activation::kNone, scratch);
    for (int ky = std::max(-top, 0); ky < std::min(slice.height, out_.height - top); ++ky) {
      add_windows(scratch + to_size(ky) * window_row_size(), slice.filter.columns(),
                  operands.output.row(to_size(top + ky)));
    }
  }

  // Adds one row of every window to a row of the output. The windows are `stride` floats apart.
  void add_windows(const float* HWY_RESTRICT windows, std::size_t stride,
                   float* HWY_RESTRICT row) const {
    const int channels = out_.channels;
    const int end = out_.width * channels;
    const int size = window_.width * channels;
    int left = -window_.pad_left * channels;
    for (int x = 0; x < in_.width; ++x, windows += stride, left += window_.stride_x * channels) {
      const int last = std::min(size, end - left);
      for (int i = std::max(-left, 0); i < last; ++i) row[left + i] += windows[i];
    }
  }

  Window window_;
  Activation activation_;
  Shape in_, out_;
  std::vector<float> bias_;
  bool windows_tile_;  // no overlap, gap or padding
  std::vector<FilterSlice> slices_;
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
