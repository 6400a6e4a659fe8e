#include "render/cpu/box_blur.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "base/parallel_for.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "render/cpu/box_blur.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

// One box filter over `count` vectors; `in` has radius + 1 more on either side.
template <class D>
void box(D d, const BoxLine& line, const float* in, std::size_t count, float* out,
         std::size_t step) {
  const auto lanes = static_cast<std::ptrdiff_t>(hn::Lanes(d));
  const std::ptrdiff_t reach = line.radius * lanes;
  auto sum = hn::Zero(d);
  for (std::ptrdiff_t at = -reach; at <= reach; at += lanes) {
    sum = hn::Add(sum, hn::LoadU(d, in + at));
  }
  const auto fraction = hn::Set(d, line.fraction);
  auto before = hn::LoadU(d, in - reach - lanes);
  for (; count > 0; --count) {
    const auto after = hn::LoadU(d, in + reach + lanes);
    hn::StoreU(hn::MulAdd(fraction, hn::Add(before, after), sum), d, out);
    before = hn::LoadU(d, in - reach);
    sum = hn::Add(sum, hn::Sub(after, before));
    in += lanes;
    out += step;
  }
}

// Blurs a line of vectors in place. Its copy in scratch memory has zeros on both sides, which the
// first two boxes write to.
template <class D>
void blur_line(D d, const BoxLine& line) {
  const std::size_t lanes = hn::Lanes(d);
  const auto length = static_cast<std::size_t>(line.length);
  const auto reach = static_cast<std::size_t>(line.radius + 1);
  const std::size_t margin = kBoxes * reach * lanes;
  float* const a = line.scratch[0] + margin;
  float* const b = line.scratch[1] + margin;
  std::fill_n(a - margin, margin, 0.0f);
  std::fill_n(a + length * lanes, margin, 0.0f);
  for (std::size_t i = 0; i < length; ++i) {
    hn::StoreU(hn::LoadU(d, line.first + i * line.step), d, a + i * lanes);
  }
  box(d, line, a - 2 * reach * lanes, length + 4 * reach, b - 2 * reach * lanes, lanes);
  box(d, line, b - reach * lanes, length + 2 * reach, a - reach * lanes, lanes);
  box(d, line, a, length, line.first, line.step);
}

// A row of pixels; the 4 floats of a pixel are a vector.
void blur_row(const BoxLine& row) {
  const hn::CappedTag<float, 4> d;
  for (std::size_t c = 0; c < 4; c += hn::Lanes(d)) {
    BoxLine line = row;
    line.first += c;
    blur_line(d, line);
  }
}

// A strip of kStripFloats columns.
void blur_strip(const BoxLine& strip) {
  const hn::CappedTag<float, kStripFloats> d;
  for (std::size_t c = 0; c < kStripFloats; c += hn::Lanes(d)) {
    BoxLine line = strip;
    line.first += c;
    blur_line(d, line);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backdrop {

HWY_EXPORT(blur_row);
HWY_EXPORT(blur_strip);

// Section 3 of the paper: the radius is the largest whose plain box has no more than the variance
// wanted; the fraction adds the rest.
bool BoxBlur::prepare(int width, int height, double sigma, const Executor& executor) {
  BACKDROP_ASSERT(sigma >= 0);
  const double variance = sigma * sigma / 3;
  radius_ = static_cast<int>((std::sqrt(1 + 12 * variance) - 1) / 2);
  const double next = radius_ + 1.0;
  fraction_ = static_cast<float>((2 * radius_ + 1) * (radius_ * next - 3 * variance) /
                                 (6 * (variance - next * next)));
  const auto longest = static_cast<std::size_t>(std::max(width, height));
  line_ = kStripFloats * (longest + 2 * kBoxes * static_cast<std::size_t>(radius_ + 1));
  return scratch_.resize(2 * line_ * executor.concurrency());
}

float BoxBlur::gain() const {
  const float length = static_cast<float>(2 * radius_ + 1) + 2 * fraction_;
  float gain = 1;
  for (std::size_t box = 0; box < 2 * kBoxes; ++box) gain *= length;
  return gain;
}

void BoxBlur::run(const FloatImage& image, Executor& executor) {
  BACKDROP_ASSERT(image.stride % kStripFloats == 0);
  BACKDROP_ASSERT(image.stride >= 4 * static_cast<std::size_t>(image.width));
  const auto line = [&](std::size_t part, float* first, std::size_t step, int length) {
    float* scratch = scratch_.data() + 2 * line_ * part;
    return BoxLine{first, step, length, radius_, fraction_, {scratch, scratch + line_}};
  };
  for_bands(executor, image.height, [&](std::size_t part, int begin, int end) {
    for (int y = begin; y < end; ++y) {
      float* row = image.data + static_cast<std::size_t>(y) * image.stride;
      HWY_DYNAMIC_DISPATCH(blur_row)(line(part, row, 4, image.width));
    }
  });
  const std::size_t row_floats = 4 * static_cast<std::size_t>(image.width);
  const std::size_t strips = (row_floats + kStripFloats - 1) / kStripFloats;
  for_bands(executor, static_cast<int>(strips), [&](std::size_t part, int begin, int end) {
    for (int strip = begin; strip < end; ++strip) {
      float* top = image.data + static_cast<std::size_t>(strip) * kStripFloats;
      HWY_DYNAMIC_DISPATCH(blur_strip)(line(part, top, image.stride, image.height));
    }
  });
}

}  // namespace backdrop
#endif  // HWY_ONCE
