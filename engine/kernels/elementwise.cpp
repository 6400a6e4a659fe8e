// Sums, products and activations that no other operation could take in.
#include "kernels/kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/elementwise.cpp"
#include "hwy/foreach_target.h"

#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {

class Elementwise final : public Kernel {
 public:
  explicit Elementwise(const KernelSpec& spec)
      : operands_(spec.operands),
        kind_(spec.node.kind),
        activation_(spec.node.activation),
        out_(spec.output),
        has_vector_(spec.inputs.size() == 2 && spec.inputs[1] != spec.output) {}

  std::size_t rows() const override { return to_size(out_.height); }
  std::size_t work() const override { return out_.size(); }

  void run_rows(std::size_t first, std::size_t last, float*) override {
    // What goes for every pixel is applied a pixel at a time; all else in one stretch.
    const std::size_t channels = to_size(out_.channels);
    const std::size_t row = to_size(out_.width) * channels;
    const bool by_pixel = has_vector_ || operands_.gate != nullptr;
    const std::size_t stretch = by_pixel ? channels : row;
    for (std::size_t at = first * row; at < last * row; at += stretch) {
      for_each_vector(stretch, [&](std::size_t i, std::size_t lanes) HWY_ATTR {
        store(activate(activation_, combine(at, i, lanes)), operands_.output + at + i, lanes);
      });
    }
  }

 private:
  HWY_INLINE V combine(std::size_t at, std::size_t i, std::size_t lanes) const {
    V left = load(operands_.inputs[0] + at + i, lanes);
    if (operands_.gate != nullptr) left = hn::Mul(left, load(operands_.gate + i, lanes));
    if (operands_.inputs.size() == 1) return left;
    const V right = load(operands_.inputs[1] + (has_vector_ ? 0 : at) + i, lanes);
    return kind_ == OpKind::kAdd ? hn::Add(left, right) : hn::Mul(left, right);
  }

  Operands operands_;
  OpKind kind_;
  Activation activation_;
  Shape out_;
  bool has_vector_;  // the second operand is one pixel that goes for all
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
