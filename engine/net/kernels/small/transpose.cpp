// Transposition of a tensor's axes, and reshaping, which is a plain copy.
#include <algorithm>
#include <array>

#include "net/kernels/kernel.h"

namespace backdrop {
namespace {

using Sizes = std::array<std::size_t, 4>;  // of batch, height, width, channels

Sizes sizes_of(const Shape& shape) {
  return {static_cast<std::size_t>(shape.batch), static_cast<std::size_t>(shape.height),
          static_cast<std::size_t>(shape.width), static_cast<std::size_t>(shape.channels)};
}

class Transpose final : public Kernel {
 public:
  explicit Transpose(const KernelSpec& spec) : out_(sizes_of(spec.output)) {
    const Sizes in = sizes_of(spec.inputs[0]);
    const Sizes strides = {in[1] * in[2] * in[3], in[2] * in[3], in[3], 1};
    for (std::size_t axis = 0; axis < 4; ++axis) {
      strides_[axis] = strides[static_cast<std::size_t>(spec.node.permutation[axis])];
    }
  }

  std::size_t rows() const override { return out_[0] * out_[1]; }
  std::size_t work() const override { return kElementWork * rows() * out_[2] * out_[3]; }

  void compute_rows(std::size_t first, std::size_t last, const Operands& operands) override {
    float* to = operands.output.data + first * out_[2] * out_[3];
    for (std::size_t row = first; row < last; ++row) {
      const float* from =
          operands.inputs[0].data + row / out_[1] * strides_[0] + row % out_[1] * strides_[1];
      for (std::size_t x = 0; x < out_[2]; ++x, from += strides_[2]) to = copy_pixel(from, to);
    }
  }

 private:
  float* copy_pixel(const float* from, float* to) const {
    if (strides_[3] == 1) return std::copy_n(from, out_[3], to);
    for (std::size_t c = 0; c < out_[3]; ++c) *to++ = from[c * strides_[3]];
    return to;
  }

  Sizes out_;
  Sizes strides_{};  // the input's strides along the output's axes, in floats
};

class Reshape final : public Kernel {
 public:
  explicit Reshape(const KernelSpec& spec) : size_(spec.output.size()) {}

  std::size_t rows() const override { return 1; }
  std::size_t work() const override { return kElementWork * size_; }

  void compute_rows(std::size_t first, std::size_t last, const Operands& operands) override {
    std::copy_n(operands.inputs[0].data, (last - first) * size_, operands.output.data);
  }

 private:
  std::size_t size_;
};

}  // namespace

std::unique_ptr<Kernel> make_transpose(const KernelSpec& spec) {
  return std::make_unique<Transpose>(spec);
}

std::unique_ptr<Kernel> make_reshape(const KernelSpec& spec) {
  return std::make_unique<Reshape>(spec);
}

}  // namespace backdrop
