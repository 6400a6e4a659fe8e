// The mean over a window, of which only the part inside the picture counts. Its common use is the
// mean of a whole picture.
#include "kernels/kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/average_pool.cpp"
#include "hwy/foreach_target.h"

#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {

class AveragePool final : public Kernel {
 public:
  explicit AveragePool(const KernelSpec& spec)
      : operands_(spec.operands),
        window_(spec.node.window),
        activation_(spec.node.activation),
        in_(spec.inputs[0]),
        out_(spec.output) {}

  std::size_t rows() const override { return to_size(out_.height); }
  std::size_t work() const override { return in_.size(); }

  void run_rows(std::size_t first, std::size_t last, float*) override {
    const std::size_t channels = to_size(out_.channels);
    for (std::size_t y = first; y < last; ++y) {
      for (int x = 0; x < out_.width; ++x) {
        for_each_vector(channels, [&](std::size_t channel, std::size_t lanes) HWY_ATTR {
          const V mean = average(static_cast<int>(y), x, channel, lanes);
          const std::size_t pixel = y * to_size(out_.width) + to_size(x);
          store(activate(activation_, mean), operands_.output + pixel * channels + channel, lanes);
        });
      }
    }
  }

 private:
  V average(int out_y, int out_x, std::size_t channel, std::size_t lanes) const {
    const int top = out_y * window_.stride_y - window_.pad_top;
    const int left = out_x * window_.stride_x - window_.pad_left;
    const int bottom = std::min(top + window_.height, in_.height);
    const int right = std::min(left + window_.width, in_.width);
    const int first_y = std::max(top, 0);
    const int first_x = std::max(left, 0);

    const D d;
    V total = hn::Zero(d);
    V lost = hn::Zero(d);  // what rounding took from the total (Kahan's summation)
    for (int y = first_y; y < bottom; ++y) {
      const std::size_t pixel = to_size(y) * to_size(in_.width) + to_size(first_x);
      const float* row = operands_.inputs[0] + pixel * to_size(in_.channels) + channel;
      const V sum = hn::Sub(sum_row(row, to_size(right - first_x), lanes), lost);
      const V next = hn::Add(total, sum);
      lost = hn::Sub(hn::Sub(next, total), sum);
      total = next;
    }
    const int count = (bottom - first_y) * (right - first_x);
    return hn::Div(total, hn::Set(d, static_cast<float>(count)));
  }

  // Several sums at a time: one would wait for each addition.
  V sum_row(const float* HWY_RESTRICT row, std::size_t count, std::size_t lanes) const {
    const std::size_t step = to_size(in_.channels);
    const D d;
    V a = hn::Zero(d), b = a, c = a, e = a;
    std::size_t x = 0;
    for (; lanes == kLanes && x + 4 <= count; x += 4, row += 4 * step) {
      a = hn::Add(a, hn::LoadU(d, row));
      b = hn::Add(b, hn::LoadU(d, row + step));
      c = hn::Add(c, hn::LoadU(d, row + 2 * step));
      e = hn::Add(e, hn::LoadU(d, row + 3 * step));
    }
    for (; x < count; ++x, row += step) a = hn::Add(a, load(row, lanes));
    return hn::Add(hn::Add(a, b), hn::Add(c, e));
  }

  Operands operands_;
  Window window_;
  Activation activation_;
  Shape in_, out_;
};

}  // namespace

std::unique_ptr<Kernel> new_average_pool(const KernelSpec& spec) {
  return std::make_unique<AveragePool>(spec);
}

}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {
HWY_EXPORT(new_average_pool);
std::unique_ptr<Kernel> make_average_pool(const KernelSpec& spec) {
  return HWY_DYNAMIC_DISPATCH(new_average_pool)(spec);
}
}  // namespace backdrop
#endif
