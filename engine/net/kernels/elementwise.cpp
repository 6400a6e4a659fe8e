// Elementwise operations that no pass could fuse: copies, sums, differences, products, PReLU,
// activations and rounding to a grid.
#include "net/kernels/kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "net/kernels/elementwise.cpp"
#include "hwy/foreach_target.h"

#include "net/kernels/activation-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {

// The second operand's step, in rows or floats, for a step along each axis of the output; 0 for an
// axis that broadcasts.
struct Steps {
  std::size_t row = 0, pixel = 0, channel = 0;

  explicit Steps(const Shape& shape)
      : row(shape.height == 1 ? 0 : 1),
        pixel(shape.width == 1 ? 0 : to_size(shape.channels)),
        channel(shape.channels == 1 ? 0 : 1) {}
};

HWY_INLINE V round_to(const Grid& grid, float nudge, V value) {
  const D d;
  const V zero = hn::Set(d, grid.zero);
  const V exact = hn::MulAdd(value, hn::Set(d, 1 / grid.step), zero);
  const V integer = hn::Round(hn::Add(exact, hn::Set(d, nudge)));
  const V bounded = at_most(at_least(integer, hn::Set(d, grid.first)), hn::Set(d, grid.last));
  return hn::Mul(hn::Sub(bounded, zero), hn::Set(d, grid.step));
}

class Elementwise final : public Kernel {
 public:
  explicit Elementwise(const KernelSpec& spec)
      : kind_(spec.node.kind),
        activation_(spec.node.activation),
        grid_(spec.node.grid),
        nudge_(spec.node.nudge),
        out_(spec.output),
        is_binary_(spec.inputs.size() > 1),
        steps_(spec.inputs.back()) {
    // A span is a whole row if the second operand has its own values for each pixel, else one
    // pixel.
    const Shape& second = spec.inputs.back();
    const bool by_row = second.width == out_.width && second.channels == out_.channels &&
                        spec.node.gate == kNoTensor;
    span_ = to_size(out_.channels) * (by_row ? to_size(out_.width) : 1);
    if (by_row) steps_.channel = 1;
  }

  std::size_t rows() const override { return to_size(out_.height); }
  std::size_t work() const override { return kElementWork * out_.size(); }

  void compute_rows(std::size_t first, std::size_t last, const Operands& operands) override {
    const std::size_t row = to_size(out_.width) * to_size(out_.channels);
    for (std::size_t y = first; y < last; ++y) {
      const float* first_operand = operands.inputs[0].row(y);
      const float* second = operands.inputs.back().row(y * steps_.row);
      float* to = operands.output.row(y);
      for (std::size_t at = 0; at < row; at += span_, second += steps_.pixel) {
        for_each_vector(span_, [&](std::size_t i, std::size_t lanes) HWY_ATTR {
          V value = load(first_operand + at + i, lanes);
          if (operands.gate != nullptr) value = hn::Mul(value, load(operands.gate + i, lanes));
          if (is_binary_) value = combine(value, second, i, lanes);
          value = activate(activation_, value);
          if (grid_) value = round_to(grid_, nudge_, value);
          store(value, to + at + i, lanes);
        });
      }
    }
  }

 private:
  HWY_INLINE V combine(V left, const float* second, std::size_t i, std::size_t lanes) const {
    const V right = steps_.channel == 0 ? hn::Set(D(), *second) : load(second + i, lanes);
    if (kind_ == OpKind::kAdd) return hn::Add(left, right);
    if (kind_ == OpKind::kSub) return hn::Sub(left, right);
    const V product = hn::Mul(left, right);
    if (kind_ == OpKind::kMul) return product;
    return hn::IfThenElse(hn::Gt(left, hn::Zero(D())), left, product);
  }

  OpKind kind_;
  Activation activation_;
  Grid grid_;
  float nudge_;
  Shape out_;
  bool is_binary_;
  Steps steps_;
  std::size_t span_ = 0;  // floats that one loop processes
};

}  // namespace

std::unique_ptr<Kernel> new_elementwise(const KernelSpec& spec) {
  return std::make_unique<Elementwise>(spec);
}

}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {
HWY_EXPORT(new_elementwise);
std::unique_ptr<Kernel> make_elementwise(const KernelSpec& spec) {
  return HWY_DYNAMIC_DISPATCH(new_elementwise)(spec);
}
}  // namespace backdrop
#endif
