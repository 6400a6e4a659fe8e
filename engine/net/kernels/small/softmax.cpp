// Softmax over the channels. Pixels may have fewer channels than vectors have lanes, so the
// exponentials of a whole row are computed as one array.
#include "net/kernels/kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "net/kernels/small/softmax.cpp"
#include "hwy/foreach_target.h"

#include "simd/exponential-inl.h"
#include "simd/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {

class Softmax final : public Kernel {
 public:
  explicit Softmax(const KernelSpec& spec) : out_(spec.output) {}

  std::size_t rows() const override { return to_size(out_.height); }
  std::size_t work() const override { return kElementWork * out_.size(); }
  std::size_t scratch_size() const override { return row_size(); }

  void compute_rows(std::size_t first, std::size_t last, const Operands& operands) override {
    const D d;
    for (std::size_t y = first; y < last; ++y) {
      subtract_largest(operands.inputs[0].row(y), operands.scratch);
      float* to = operands.output.row(y);
      for_each_vector(row_size(), [&](std::size_t i, std::size_t lanes) HWY_ATTR {
        store(exponential(d, load(operands.scratch + i, lanes)), to + i, lanes);
      });
      divide_by_sum(to);
    }
  }

 private:
  std::size_t channels() const { return to_size(out_.channels); }
  std::size_t row_size() const { return to_size(out_.width) * channels(); }

  // Keeps every exponential at 1 or less.
  void subtract_largest(const float* HWY_RESTRICT from, float* HWY_RESTRICT to) const {
    for (const float* end = from + row_size(); from != end; from += channels(), to += channels()) {
      const float largest = *std::max_element(from, from + channels());
      for (std::size_t c = 0; c < channels(); ++c) to[c] = from[c] - largest;
    }
  }

  void divide_by_sum(float* row) const {
    for (float* end = row + row_size(); row != end; row += channels()) {
      float sum = 0;
      for (std::size_t c = 0; c < channels(); ++c) sum += row[c];
      for (std::size_t c = 0; c < channels(); ++c) row[c] /= sum;
    }
  }

  Shape out_;
};

}  // namespace

std::unique_ptr<Kernel> new_softmax(const KernelSpec& spec) {
  return std::make_unique<Softmax>(spec);
}

}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {
HWY_EXPORT(new_softmax);
std::unique_ptr<Kernel> make_softmax(const KernelSpec& spec) {
  return HWY_DYNAMIC_DISPATCH(new_softmax)(spec);
}
}  // namespace backdrop
#endif
