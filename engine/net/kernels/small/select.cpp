// Selection of channels.
#include "net/kernels/kernel.h"

namespace backdrop {
namespace {

class Select final : public Kernel {
 public:
  explicit Select(const KernelSpec& spec)
      : channels_(spec.node.channels),
        in_channels_(static_cast<std::size_t>(spec.inputs[0].channels)),
        out_(spec.output) {}

  std::size_t rows() const override { return static_cast<std::size_t>(out_.height); }
  std::size_t work() const override { return kElementWork * out_.size(); }

  void compute_rows(std::size_t first, std::size_t last, const Operands& operands) override {
    for (std::size_t y = first; y < last; ++y) {
      const float* from = operands.inputs[0].row(y);
      float* to = operands.output.row(y);
      for (int x = 0; x < out_.width; ++x, from += in_channels_) {
        for (const int channel : channels_) *to++ = from[channel];
      }
    }
  }

 private:
  std::vector<int> channels_;
  std::size_t in_channels_;
  Shape out_;
};

}  // namespace

std::unique_ptr<Kernel> make_select(const KernelSpec& spec) {
  return std::make_unique<Select>(spec);
}

}  // namespace backdrop
