// Nearest-neighbor resizing in TensorFlow's three conventions.
#include <algorithm>
#include <cmath>

#include "net/kernels/kernel.h"

namespace backdrop {
namespace {

// The source position of each output position.
std::vector<std::size_t> make_sources(int from, int to, const Node& node) {
  std::vector<std::size_t> sources;
  const bool align = node.align_corners && to > 1;
  const float scale = align ? static_cast<float>(from - 1) / static_cast<float>(to - 1)
                            : static_cast<float>(from) / static_cast<float>(to);
  for (int i = 0; i < to; ++i) {
    const float at = static_cast<float>(i) + (node.half_pixel_centers && !align ? 0.5F : 0.0F);
    const float position = align ? std::round(at * scale) : at * scale;
    sources.push_back(static_cast<std::size_t>(std::min(static_cast<int>(position), from - 1)));
  }
  return sources;
}

class ResizeNearest final : public Kernel {
 public:
  explicit ResizeNearest(const KernelSpec& spec)
      : channels_(static_cast<std::size_t>(spec.output.channels)),
        ys_(make_sources(spec.inputs[0].height, spec.output.height, spec.node)),
        xs_(make_sources(spec.inputs[0].width, spec.output.width, spec.node)) {}

  std::size_t rows() const override { return ys_.size(); }
  std::size_t work() const override { return kElementWork * ys_.size() * xs_.size() * channels_; }

  void compute_rows(std::size_t first, std::size_t last, const Operands& operands) override {
    for (std::size_t y = first; y < last; ++y) {
      const float* row = operands.inputs[0].row(ys_[y]);
      float* to = operands.output.row(y);
      for (const std::size_t x : xs_) to = std::copy_n(row + x * channels_, channels_, to);
    }
  }

 private:
  std::size_t channels_;
  std::vector<std::size_t> ys_, xs_;
};

}  // namespace

std::unique_ptr<Kernel> make_resize_nearest(const KernelSpec& spec) {
  return std::make_unique<ResizeNearest>(spec);
}

}  // namespace backdrop
