// Sums, differences, products and activations that no other operation could take in.
#include "net/kernels/kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "net/kernels/elementwise.cpp"
#include "hwy/foreach_target.h"

#include "net/kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {

// How far a step along an axis of the output goes in the second operand: nowhere where its one
// value goes for all.
struct Steps {
  std::size_t row = 0, pixel = 0, channel = 0;

  explicit Steps(const Shape& shape)
      : row(shape.height == 1 ? 0 : 1),
        pixel(shape.width == 1 ? 0 : to_size(shape.channels)),
        channel(shape.channels == 1 ? 0 : 1) {}
};

class Elementwise final : public Kernel {
 public:
  explicit Elementwise(const KernelSpec& spec)
      : kind_(spec.node.kind),
        activation_(spec.node.activation),
        out_(spec.output),
        is_binary_(spec.inputs.size() > 1),
        steps_(spec.inputs.back()) {
    // Where the second operand has values for each pixel, a row is one stretch; else a pixel is.
    const Shape& second = spec.inputs.back();
    const bool by_row = second.width == out_.width && second.channels == out_.channels &&
                        spec.node.gate == kNoTensor;
    stretch_ = to_size(out_.channels) * (by_row ? to_size(out_.width) : 1);
    if (by_row) steps_.channel = 1;
  }

  std::size_t rows() const override { return to_size(out_.height); }
  std::size_t work() const override { return kElementWork * out_.size(); }

  void run_rows(std::size_t first, std::size_t last, const Operands& operands) override {
    const std::size_t row = to_size(out_.width) * to_size(out_.channels);
    for (std::size_t y = first; y < last; ++y) {
      const float* first_operand = operands.inputs[0].row(y);
      const float* second = operands.inputs.back().row(y * steps_.row);
      float* to = operands.output.row(y);
      for (std::size_t at = 0; at < row; at += stretch_, second += steps_.pixel) {
        for_each_vector(stretch_, [&](std::size_t i, std::size_t lanes) HWY_ATTR {
          V value = load(first_operand + at + i, lanes);
          if (operands.gate != nullptr) value = hn::Mul(value, load(operands.gate + i, lanes));
          if (is_binary_) value = combine(value, second, i, lanes);
          store(activate(activation_, value), to + at + i, lanes);
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
  Shape out_;
  bool is_binary_;
  Steps steps_;
  std::size_t stretch_ = 0;  // floats that are done as one
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
