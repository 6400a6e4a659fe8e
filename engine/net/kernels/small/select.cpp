// Selection of channels.
#include <algorithm>

#include "net/kernels/kernel.h"

namespace backdrop {
namespace {

class Select final : public Kernel {
 public:
  explicit Select(const KernelSpec& spec)
      : selection_(spec.node.selection),
        in_channels_(static_cast<std::size_t>(spec.inputs[0].channels)),
        out_(spec.output) {}

  std::size_t rows() const override { return static_cast<std::size_t>(out_.height); }
  std::size_t work() const override { return kElementWork * out_.size(); }

  void compute_rows(std::size_t first_row, std::size_t last_row,
                    const Operands& operands) override {
    const auto [first, times] = selection_;
    for (std::size_t y = first_row; y < last_row; ++y) {
      const float* from = operands.inputs[0].row(y);
      float* to = operands.output.row(y);
      for (int x = 0; x < out_.width; ++x, from += in_channels_) {
        const float* channel = from + first;
        for (int c = 0; c < out_.channels; c += times) {
          to = std::fill_n(to, std::min(times, out_.channels - c), *channel++);
        }
      }
    }
  }

 private:
  Selection selection_;
  std::size_t in_channels_;
  Shape out_;
};

}  // namespace

std::unique_ptr<Kernel> make_select(const KernelSpec& spec) {
  return std::make_unique<Select>(spec);
}

}  // namespace backdrop
