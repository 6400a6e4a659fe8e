// Average, sum and maximum pooling over the part of a window inside the picture. Global pooling,
// the most common use, has a kernel of its own.
#include <algorithm>

#include "net/kernels/kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "net/kernels/pool.cpp"
#include "hwy/foreach_target.h"

#include "base/buffer.h"
#include "net/kernels/activation-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {

// The sum of `count` vectors, `step` floats apart. Four accumulators hide the latency of additions.
V sum_row(const float* HWY_RESTRICT row, std::size_t count, std::size_t step, std::size_t lanes) {
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

// Kahan summation: long sums keep their precision.
class KahanSum {
 public:
  KahanSum() : total_(hn::Zero(D())), lost_(hn::Zero(D())) {}

  HWY_INLINE void add(V value) {
    const V term = hn::Sub(value, lost_);
    const V next = hn::Add(total_, term);
    lost_ = hn::Sub(hn::Sub(next, total_), term);
    total_ = next;
  }
  HWY_INLINE V total() const { return total_; }

 private:
  V total_, lost_;
};

// The sum or the mean over the whole picture. A row of work sums one input row; finish() adds the
// row sums in order. The result therefore does not depend on the number of threads.
class GlobalPool final : public Kernel {
 public:
  explicit GlobalPool(const KernelSpec& spec)
      : activation_(spec.node.activation),
        in_(spec.inputs[0]),
        divisor_(spec.node.kind == OpKind::kSum ? 1.0F : static_cast<float>(in_.pixels())),
        row_size_((to_size(in_.channels) + kLanes - 1) / kLanes * kLanes),
        row_sums_(Buffer<float>::zeros(rows() * row_size_)) {}

  static bool can_run(const KernelSpec& spec) {
    return spec.node.kind != OpKind::kMaxPool && spec.output.is_vector() &&
           spec.node.window.covers(spec.inputs[0]);
  }

  std::size_t rows() const override { return to_size(in_.height); }
  std::size_t work() const override { return kElementWork * in_.size(); }

  void compute_rows(std::size_t first, std::size_t last, const Operands& operands) override {
    for (std::size_t y = first; y < last; ++y) {
      const float* row = operands.inputs[0].row(y);
      float* sums = row_sums_.data() + y * row_size_;
      for_each_vector(to_size(in_.channels), [&](std::size_t channel, std::size_t lanes) HWY_ATTR {
        hn::Store(sum_row(row + channel, to_size(in_.width), to_size(in_.channels), lanes), D(),
                  sums);
        sums += kLanes;
      });
    }
  }

  void finish(const Operands& operands) override {
    const float* sums = row_sums_.data();
    for_each_vector(to_size(in_.channels), [&](std::size_t channel, std::size_t lanes) HWY_ATTR {
      KahanSum sum;
      for (std::size_t y = 0; y < rows(); ++y) sum.add(hn::Load(D(), sums + y * row_size_));
      sums += kLanes;
      const V result = hn::Div(sum.total(), hn::Set(D(), divisor_));
      store(activate(activation_, result), operands.output.data + channel, lanes);
    });
  }

 private:
  Activation activation_;
  Shape in_;
  float divisor_;
  std::size_t row_size_;  // floats
  Buffer<float> row_sums_;
};

// Pooling with any window.
class Pool final : public Kernel {
 public:
  explicit Pool(const KernelSpec& spec)
      : kind_(spec.node.kind),
        window_(spec.node.window),
        activation_(spec.node.activation),
        in_(spec.inputs[0]),
        out_(spec.output) {}

  std::size_t rows() const override { return to_size(out_.height); }
  std::size_t work() const override { return kElementWork * in_.size(); }

  void compute_rows(std::size_t first, std::size_t last, const Operands& operands) override {
    const std::size_t channels = to_size(out_.channels);
    for (std::size_t y = first; y < last; ++y) {
      for (int x = 0; x < out_.width; ++x) {
        const ClippedWindow window = clip(operands.inputs[0], static_cast<int>(y), x);
        float* to = operands.output.row(y) + to_size(x) * channels;
        for_each_vector(channels, [&](std::size_t channel, std::size_t lanes) HWY_ATTR {
          const V result = kind_ == OpKind::kMaxPool ? largest(window, channel, lanes)
                                                     : sum(window, channel, lanes);
          store(activate(activation_, result), to + channel, lanes);
        });
      }
    }
  }

 private:
  // The part of a window inside the picture. It is never empty.
  struct ClippedWindow {
    const float* first;
    std::size_t stride;  // between rows
    std::size_t height, width;
  };

  ClippedWindow clip(const Rows& input, int out_y, int out_x) const {
    const int top = out_y * window_.stride_y - window_.pad_top;
    const int left = out_x * window_.stride_x - window_.pad_left;
    const int bottom = std::min(top + window_.height, in_.height);
    const int right = std::min(left + window_.width, in_.width);
    const int y = std::max(top, 0);
    const int x = std::max(left, 0);
    return {input.row(to_size(y)) + to_size(x) * to_size(in_.channels), input.stride,
            to_size(bottom - y), to_size(right - x)};
  }

  V largest(const ClippedWindow& window, std::size_t channel, std::size_t lanes) const {
    V result = load(window.first + channel, lanes);
    for (std::size_t y = 0; y < window.height; ++y) {
      const float* pixel = window.first + y * window.stride + channel;
      for (std::size_t x = 0; x < window.width; ++x, pixel += in_.channels) {
        result = larger_or_nan(result, load(pixel, lanes));
      }
    }
    return result;
  }

  // The sum or the mean.
  V sum(const ClippedWindow& window, std::size_t channel, std::size_t lanes) const {
    KahanSum sum;
    for (std::size_t y = 0; y < window.height; ++y) {
      const float* row = window.first + y * window.stride + channel;
      sum.add(sum_row(row, window.width, to_size(in_.channels), lanes));
    }
    if (kind_ == OpKind::kSum) return sum.total();
    return hn::Div(sum.total(), hn::Set(D(), static_cast<float>(window.height * window.width)));
  }

  OpKind kind_;
  Window window_;
  Activation activation_;
  Shape in_, out_;
};

}  // namespace

std::unique_ptr<Kernel> new_pool(const KernelSpec& spec) {
  if (GlobalPool::can_run(spec)) return std::make_unique<GlobalPool>(spec);
  return std::make_unique<Pool>(spec);
}

}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {
HWY_EXPORT(new_pool);
std::unique_ptr<Kernel> make_pool(const KernelSpec& spec) {
  return HWY_DYNAMIC_DISPATCH(new_pool)(spec);
}
}  // namespace backdrop
#endif
