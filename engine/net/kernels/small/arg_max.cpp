// The index of each pixel's largest channel.
#include <cmath>

#include "net/kernels/kernel.h"

namespace backdrop {
namespace {

// NaN if one of the values is: which one is the largest is unknown.
float index_of_largest(const float* values, std::size_t count) {
  std::size_t largest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (std::isnan(values[i])) return values[i];
    if (values[i] > values[largest]) largest = i;
  }
  return static_cast<float>(largest);
}

class ArgMax final : public Kernel {
 public:
  explicit ArgMax(const KernelSpec& spec) : in_(spec.inputs[0]), out_(spec.output) {}

  std::size_t rows() const override { return static_cast<std::size_t>(out_.height); }
  std::size_t work() const override { return kElementWork * in_.size(); }

  void compute_rows(std::size_t first, std::size_t last, const Operands& operands) override {
    const auto width = static_cast<std::size_t>(in_.width);
    const auto channels = static_cast<std::size_t>(in_.channels);
    for (std::size_t y = first; y < last; ++y) {
      const float* values = operands.inputs[0].row(y);
      float* to = operands.output.row(y);
      for (std::size_t x = 0; x < width; ++x, values += channels) {
        to[x] = index_of_largest(values, channels);
      }
    }
  }

 private:
  Shape in_, out_;
};

}  // namespace

std::unique_ptr<Kernel> make_arg_max(const KernelSpec& spec) {
  return std::make_unique<ArgMax>(spec);
}

}  // namespace backdrop
