// Bilinear resizing in TensorFlow's three conventions, with a gated residual:
// output = resize(input) + residual * gate. Rows are blended first, then columns.
#include <algorithm>

#include "net/kernels/kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "net/kernels/resize_bilinear.cpp"
#include "hwy/foreach_target.h"

#include "simd/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {

// The two source positions around an output position, and the output position's distance from the
// first.
struct Sample {
  std::size_t first, second;
  float fraction;
};

std::vector<Sample> make_samples(int from, int to, const Node& node) {
  std::vector<Sample> samples(to_size(to));
  for (int i = 0; i < to; ++i) {
    const float scale = static_cast<float>(from) / static_cast<float>(to);
    float position = static_cast<float>(i) * scale;
    if (node.align_corners && to > 1) {
      position = static_cast<float>(i) * static_cast<float>(from - 1) / static_cast<float>(to - 1);
    } else if (node.half_pixel_centers) {
      position = std::max((static_cast<float>(i) + 0.5F) * scale - 0.5F, 0.0F);
    }
    const int first = std::min(static_cast<int>(position), from - 1);
    samples[to_size(i)] = {to_size(first), to_size(std::min(first + 1, from - 1)),
                           position - static_cast<float>(first)};
  }
  return samples;
}

HWY_INLINE V blend(V from, V to, V fraction) {
  return hn::MulAdd(hn::Sub(to, from), fraction, from);
}

class ResizeBilinear final : public Kernel {
 public:
  explicit ResizeBilinear(const KernelSpec& spec)
      : in_(spec.inputs[0]),
        out_(spec.output),
        ys_(make_samples(in_.height, out_.height, spec.node)),
        xs_(make_samples(in_.width, out_.width, spec.node)) {}

  std::size_t rows() const override { return to_size(out_.height); }
  std::size_t work() const override { return kElementWork * out_.size(); }
  std::size_t scratch_size() const override { return row_size(); }

  void compute_rows(std::size_t first, std::size_t last, const Operands& operands) override {
    for (std::size_t y = first; y < last; ++y) {
      blend_rows(operands.inputs[0], ys_[y], operands.scratch);
      const Columns columns = {
          operands.scratch, operands.residual.data == nullptr ? nullptr : operands.residual.row(y),
          operands.gate, operands.output.row(y)};
      if (columns.residual == nullptr) {
        blend_columns<Residual::kNone>(columns);
      } else if (columns.gate == nullptr) {
        blend_columns<Residual::kPlain>(columns);
      } else {
        blend_columns<Residual::kGated>(columns);
      }
    }
  }

 private:
  std::size_t row_size() const { return to_size(in_.width) * to_size(in_.channels); }

  HWY_NOINLINE void blend_rows(const Rows& input, const Sample& y, float* HWY_RESTRICT to) const {
    const float* HWY_RESTRICT above = input.row(y.first);
    const float* HWY_RESTRICT below = input.row(y.second);
    const V fraction = hn::Set(D(), y.fraction);
    for_each_vector(row_size(), [&](std::size_t i, std::size_t lanes) HWY_ATTR {
      store(blend(load(above + i, lanes), load(below + i, lanes), fraction), to + i, lanes);
    });
  }

  enum class Residual { kNone, kPlain, kGated };

  // The operands of blend_columns(): a blended row, the residual and gate (or null), the output.
  struct Columns {
    const float* row;
    const float* residual;
    const float* gate;
    float* output;
  };

  template <Residual kResidual>
  HWY_NOINLINE void blend_columns(const Columns& columns) const {
    const std::size_t channels = to_size(out_.channels);
    const float* HWY_RESTRICT residual = columns.residual;
    const float* HWY_RESTRICT gate = columns.gate;
    float* HWY_RESTRICT to = columns.output;
    for (const Sample& x : xs_) {
      const float* HWY_RESTRICT left = columns.row + x.first * channels;
      const float* HWY_RESTRICT right = columns.row + x.second * channels;
      const V fraction = hn::Set(D(), x.fraction);
      for_each_vector(channels, [&](std::size_t c, std::size_t lanes) HWY_ATTR {
        V result = blend(load(left + c, lanes), load(right + c, lanes), fraction);
        if constexpr (kResidual == Residual::kPlain) {
          result = hn::Add(result, load(residual + c, lanes));
        } else if constexpr (kResidual == Residual::kGated) {
          result = hn::MulAdd(load(residual + c, lanes), load(gate + c, lanes), result);
        }
        store(result, to + c, lanes);
      });
      to += channels;
      if constexpr (kResidual != Residual::kNone) residual += channels;
    }
  }

  Shape in_, out_;
  std::vector<Sample> ys_, xs_;
};

}  // namespace

std::unique_ptr<Kernel> new_resize_bilinear(const KernelSpec& spec) {
  return std::make_unique<ResizeBilinear>(spec);
}

}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {
HWY_EXPORT(new_resize_bilinear);
std::unique_ptr<Kernel> make_resize_bilinear(const KernelSpec& spec) {
  return HWY_DYNAMIC_DISPATCH(new_resize_bilinear)(spec);
}
}  // namespace backdrop
#endif
