// Concatenation of channels.
#include <algorithm>

#include "net/kernels/kernel.h"

namespace backdrop {
namespace {

class Concat final : public Kernel {
 public:
  explicit Concat(const KernelSpec& spec) : inputs_(spec.inputs), out_(spec.output) {}

  std::size_t rows() const override { return static_cast<std::size_t>(out_.height); }
  std::size_t work() const override { return kElementWork * out_.size(); }

  void compute_rows(std::size_t first, std::size_t last, const Operands& operands) override {
    const auto width = static_cast<std::size_t>(out_.width);
    for (std::size_t y = first; y < last; ++y) {
      float* to = operands.output.row(y);
      for (std::size_t x = 0; x < width; ++x) {
        for (std::size_t i = 0; i < inputs_.size(); ++i) {
          const auto channels = static_cast<std::size_t>(inputs_[i].channels);
          to = std::copy_n(operands.inputs[i].row(y) + x * channels, channels, to);
        }
      }
    }
  }

 private:
  std::vector<Shape> inputs_;
  Shape out_;
};

}  // namespace

std::unique_ptr<Kernel> make_concat(const KernelSpec& spec) {
  return std::make_unique<Concat>(spec);
}

}  // namespace backdrop
