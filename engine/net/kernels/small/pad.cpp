// Padding of height and width with one value.
#include <algorithm>

#include "net/kernels/kernel.h"

namespace backdrop {
namespace {

class Pad final : public Kernel {
 public:
  explicit Pad(const KernelSpec& spec)
      : in_(spec.inputs[0]),
        out_(spec.output),
        top_(spec.node.window.pad_top),
        left_(spec.node.window.pad_left),
        value_(spec.node.value) {}

  std::size_t rows() const override { return static_cast<std::size_t>(out_.height); }
  std::size_t work() const override { return kElementWork * out_.size(); }

  void compute_rows(std::size_t first, std::size_t last, const Operands& operands) override {
    const auto channels = static_cast<std::size_t>(in_.channels);
    const std::size_t in_row = static_cast<std::size_t>(in_.width) * channels;
    const std::size_t out_row = static_cast<std::size_t>(out_.width) * channels;
    for (std::size_t row = first; row < last; ++row) {
      float* to = operands.output.row(row);
      std::fill_n(to, out_row, value_);
      const int y = static_cast<int>(row) - top_;
      if (y < 0 || y >= in_.height) continue;
      std::copy_n(operands.inputs[0].row(static_cast<std::size_t>(y)), in_row,
                  to + static_cast<std::size_t>(left_) * channels);
    }
  }

 private:
  Shape in_, out_;
  int top_, left_;
  float value_;
};

}  // namespace

std::unique_ptr<Kernel> make_pad(const KernelSpec& spec) { return std::make_unique<Pad>(spec); }

}  // namespace backdrop
