// Joins pictures by their channels.
#include <algorithm>

#include "kernels/kernel.h"

namespace backdrop {
namespace {

class Concat final : public Kernel {
 public:
  explicit Concat(const KernelSpec& spec)
      : operands_(spec.operands), parts_(spec.inputs), out_(spec.output) {}

  std::size_t rows() const override { return static_cast<std::size_t>(out_.height); }
  std::size_t work() const override { return out_.size(); }

  void run_rows(std::size_t first, std::size_t last, float*) override {
    const auto width = static_cast<std::size_t>(out_.width);
    float* to = operands_.output + first * width * static_cast<std::size_t>(out_.channels);
    for (std::size_t pixel = first * width; pixel < last * width; ++pixel) {
      for (std::size_t i = 0; i < parts_.size(); ++i) {
        const auto channels = static_cast<std::size_t>(parts_[i].channels);
        to = std::copy_n(operands_.inputs[i] + pixel * channels, channels, to);
      }
    }
  }

 private:
  Operands operands_;
  std::vector<Shape> parts_;
  Shape out_;
};

}  // namespace

std::unique_ptr<Kernel> make_concat(const KernelSpec& spec) {
  return std::make_unique<Concat>(spec);
}

}  // namespace backdrop
