// Convolution of a run of pixels in small integers: pixels-inl.h with samples and weights of 8
// bits, or 16 where that is what a target multiplies best. Samples are quantized on the fly,
// weights once, to 8 bits. Pixels have channels in multiples of kIntegerDepth.
#if defined(BACKDROP_NET_KERNELS_INTEGER_PIXELS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BACKDROP_NET_KERNELS_INTEGER_PIXELS_INL_H_
#undef BACKDROP_NET_KERNELS_INTEGER_PIXELS_INL_H_
#else
#define BACKDROP_NET_KERNELS_INTEGER_PIXELS_INL_H_
#endif

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <span>

#include "net/kernels/integer_filter.h"
#include "net/kernels/pixels-inl.h"
#include "simd/dot-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {

#if (HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86) || HWY_ARCH_ARM_A64  // of 32 registers
constexpr std::size_t kIntegerTilePixels = 8;  // divides the widths of most tensors
#else
constexpr std::size_t kIntegerTilePixels = 4;
#endif

// How floats became samples: value = (sample - zero) * scale.
struct SampleGrid {
  float scale = 0;
  float zero = 0;
};

// The finest grid that holds all values of a pixel, and 0 exactly. Its scale is NaN if a value is
// infinite or NaN, so that everything computed from the samples is NaN.
HWY_INLINE SampleGrid grid_of(const float* values, std::size_t channels) {
  const D d;
  V low = hn::Zero(d), high = hn::Zero(d), unknown = hn::Zero(d);
  for (std::size_t i = 0; i < channels; i += kLanes) {
    const V value = hn::LoadU(d, values + i);
    low = hn::Min(low, value);
    high = hn::Max(high, value);
    unknown = hn::MulAdd(value, hn::Zero(d), unknown);
  }
  const float least = hn::GetLane(hn::MinOfLanes(d, low));
  const float range = hn::GetLane(hn::MaxOfLanes(d, high)) - least;
  const float nothing = hn::GetLane(hn::SumOfLanes(d, unknown));  // 0 or NaN
  constexpr float kLeastRange = 1e-30F;  // subnormal scales would have an infinite inverse
  if (!(range >= kLeastRange)) return {nothing, 0};
  // A level less where zero is rounded, so that the highest value stays within the levels.
  constexpr int kLevels = kSampleMax - kSampleMin;
  const float levels = static_cast<float>(least < 0 ? kLevels - 1 : kLevels);
  constexpr auto kLowered = static_cast<float>(-kSampleMin);  // where samples are signed
  return {range / levels + nothing, std::nearbyint(-least / range * levels) - kLowered};
}

#if HWY_TARGET == HWY_WASM
// The level of each value as an integer: WebAssembly has no instruction that rounds to one. The sum
// is a float whose last binary digit counts ones.
HWY_INLINE VI levels_of(const float* values, V factor, V zero) {
  const V sum = hn::MulAdd(hn::LoadU(D(), values), factor, hn::Add(zero, hn::Set(D(), 0x1.8p23F)));
  return hn::Sub(hn::BitCast(DI(), sum), hn::Set(DI(), 0x4B400000));
}

HWY_INLINE v128_t level_pairs_of(const float* values, V factor, V zero) {
  return wasm_i16x8_narrow_i32x4(levels_of(values, factor, zero).raw,
                                 levels_of(values + kLanes, factor, zero).raw);
}

// Writes as many samples as a vector holds. Returns how many.
HWY_INLINE std::size_t quantize_some(const float* values, V factor, V zero, Sample* samples) {
  v128_t levels = level_pairs_of(values, factor, zero);
  if constexpr (sizeof(Sample) == 1) {
    levels = wasm_u8x16_narrow_i16x8(levels, level_pairs_of(values + 2 * kLanes, factor, zero));
  }
  wasm_v128_store(samples, levels);
  return sizeof(levels) / sizeof(Sample);
}
#else
HWY_INLINE std::size_t quantize_some(const float* values, V factor, V zero, Sample* samples) {
  const hn::Rebind<Sample, D> d;
  const V levels = hn::MulAdd(hn::LoadU(D(), values), factor, zero);
  hn::StoreU(hn::DemoteTo(d, hn::NearestInt(levels)), d, samples);
  return kLanes;
}
#endif

// Writes the samples of a pixel.
HWY_INLINE void quantize(const float* values, std::size_t channels, const SampleGrid& grid,
                         Sample* samples) {
  const V factor = hn::Set(D(), grid.scale == 0 ? 0.0F : 1.0F / grid.scale);
  const V zero = hn::Set(D(), grid.zero);
  for (std::size_t i = 0; i < channels;) {
    i += quantize_some(values + i, factor, zero, samples + i);
  }
}

// A panel's columns.
constexpr std::size_t kPanelColumns = kTileVectors * kLanes;

// Pixels of samples, each on a grid of its own. The samples of a pixel are contiguous.
struct SampledPixels {
  const Sample* samples = nullptr;
  const SampleGrid* grids = nullptr;
  std::size_t channels = 0;

  SampledPixels at(std::size_t pixel) const {
    return {samples + pixel * channels, grids + pixel, channels};
  }
};

// A run of output pixels. The window of each reads `rows` x `columns` pixels of samples.
struct IntegerRun {
  PixelRun output;             // all but the input
  SampledPixels input;         // of the first window
  std::size_t pixel_step = 1;  // pixels from window to window
  std::size_t rows = 1;
  std::size_t row_step = 0;
  std::size_t columns = 1;
  std::size_t first_row = 0;  // of the filter: skips window rows above the picture
};

// Groups of kDotDepth samples that are multiplied in a row.
constexpr std::size_t kDotGroups = 4;

#if HWY_ARCH_ARM_A64
// Adds the products of a group of samples of each pixel.
template <int kGroup, std::size_t kPixels, std::size_t kVectors>
HWY_INLINE void add_dots(const Dot& dot, const VI (&samples)[kPixels],
                         const std::int32_t* HWY_RESTRICT weights, VI (&sums)[kPixels][kVectors]) {
  VI row[kVectors];
  HWY_UNROLL(4)
  for (std::size_t v = 0; v < kVectors; ++v) {
    row[v] = hn::Load(DI(), weights + (kGroup * kVectors + v) * kLanes);
  }
  HWY_UNROLL(16)
  for (std::size_t p = 0; p < kPixels; ++p) {
    HWY_UNROLL(4)
    for (std::size_t v = 0; v < kVectors; ++v) {
      sums[p][v] = dot.add<kGroup>(sums[p][v], samples[p], row[v]);
    }
  }
}

// Adds the products of the next kDotGroups groups of samples of each pixel, which fill a vector.
template <std::size_t kPixels, std::size_t kVectors>
HWY_INLINE void add_groups(const Dot& dot, const Sample* const (&pixels)[kPixels],
                           const std::int32_t* HWY_RESTRICT weights,
                           VI (&sums)[kPixels][kVectors]) {
  const hn::Repartition<Sample, DI> d;
  VI samples[kPixels];
  HWY_UNROLL(16)
  for (std::size_t p = 0; p < kPixels; ++p) {
    samples[p] = hn::BitCast(DI(), hn::LoadU(d, pixels[p]));
  }
  add_dots<0>(dot, samples, weights, sums);
  add_dots<1>(dot, samples, weights, sums);
  add_dots<2>(dot, samples, weights, sums);
  add_dots<3>(dot, samples, weights, sums);
}
#else
// Adds the products of a group of samples of each pixel.
template <class AnyDot, std::size_t kPixels, std::size_t kVectors>
HWY_INLINE void add_dots(const AnyDot& dot, const Sample* const (&pixels)[kPixels],
                         std::size_t offset, const std::int32_t* HWY_RESTRICT weights,
                         VI (&sums)[kPixels][kVectors]) {
  const DI d;
  VI row[kVectors];
  HWY_UNROLL(4)
  for (std::size_t v = 0; v < kVectors; ++v) row[v] = hn::Load(d, weights + v * kLanes);
  HWY_UNROLL(16)
  for (std::size_t p = 0; p < kPixels; ++p) {
    std::int32_t group;
    std::memcpy(&group, pixels[p] + offset, sizeof(group));
    const VI samples = hn::Set(d, group);
    HWY_UNROLL(4)
    for (std::size_t v = 0; v < kVectors; ++v) {
      sums[p][v] = pinned(dot.add(sums[p][v], samples, row[v]));
    }
  }
}

// Adds the products of the next kDotGroups groups of samples of each pixel.
template <class AnyDot, std::size_t kPixels, std::size_t kVectors>
HWY_INLINE void add_groups(const AnyDot& dot, const Sample* const (&pixels)[kPixels],
                           const std::int32_t* HWY_RESTRICT weights,
                           VI (&sums)[kPixels][kVectors]) {
  HWY_UNROLL(4)
  for (std::size_t i = 0; i < kDotGroups; ++i) {
    add_dots(dot, pixels, i * kDotDepth, weights + i * kVectors * kLanes, sums);
  }
}
#endif

// The sums of products of one pixel of samples for each pixel of a tile.
template <class AnyDot, std::size_t kPixels, std::size_t kVectors>
HWY_INLINE void dot_pixels(const AnyDot& dot, const Sample* samples, std::size_t pixel_stride,
                           std::size_t channels, const std::int32_t* HWY_RESTRICT weights,
                           VI (&sums)[kPixels][kVectors]) {
  constexpr std::size_t kStep = kDotGroups * kDotDepth;
  HWY_UNROLL(16)
  for (std::size_t p = 0; p < kPixels; ++p) {
    HWY_UNROLL(4)
    for (std::size_t v = 0; v < kVectors; ++v) sums[p][v] = hn::Zero(DI());
  }
  // One pointer for each pixel, as in sum_tile().
  const Sample* pixels[kPixels];
  HWY_UNROLL(16)
  for (std::size_t p = 0; p < kPixels; ++p) pixels[p] = samples + p * pixel_stride;
  for (std::size_t c = 0; c < channels; c += kStep, weights += kDotGroups * kVectors * kLanes) {
    add_groups(dot, pixels, weights, sums);
    HWY_UNROLL(16)
    for (std::size_t p = 0; p < kPixels; ++p) pixels[p] += kStep;
  }
}

// Adds sums of products to a tile's values: sum * (sample - zero) * scale * column scale.
template <std::size_t kPixels, std::size_t kVectors>
HWY_INLINE void add_products(const VI (&sums)[kPixels][kVectors], const SampleGrid* grids,
                             std::size_t pixel_step, const float* HWY_RESTRICT scales,
                             const float* HWY_RESTRICT weight_sums,
                             V (&values)[kPixels][kVectors]) {
  const D d;
  HWY_UNROLL(16)
  for (std::size_t p = 0; p < kPixels; ++p, grids += pixel_step) {
    const V scale = hn::Set(d, grids->scale);
    const V shift = hn::Set(d, -grids->scale * grids->zero);
    HWY_UNROLL(4)
    for (std::size_t v = 0; v < kVectors; ++v) {
      const V factor = hn::Mul(scale, hn::Load(d, scales + v * kLanes));
      const V shifted = hn::MulAdd(shift, hn::Load(d, weight_sums + v * kLanes), values[p][v]);
      values[p][v] = hn::MulAdd(hn::ConvertTo(d, sums[p][v]), factor, shifted);
    }
  }
}

// Computes a tile's values: the biases plus the products of each pixel of the windows.
template <std::size_t kPixels, std::size_t kVectors>
HWY_INLINE void sum_integer_tile(const IntegerRun& run, const float* HWY_RESTRICT panel,
                                 const std::int32_t* HWY_RESTRICT weights,
                                 V (&values)[kPixels][kVectors]) {
  constexpr std::size_t kWidth = kVectors * kLanes;
  const D d;
  const std::size_t channels = run.input.channels;
  const float* HWY_RESTRICT weight_sums = panel + 2 * kWidth;
  HWY_UNROLL(16)
  for (std::size_t p = 0; p < kPixels; ++p) {
    HWY_UNROLL(4)
    for (std::size_t v = 0; v < kVectors; ++v) {
      values[p][v] = hn::Load(d, panel + kWidth + v * kLanes);
    }
  }
  for (std::size_t row = 0; row < run.rows; ++row) {
    for (std::size_t column = 0; column < run.columns; ++column) {
      const std::size_t tap = (run.first_row + row) * run.columns + column;
      const SampledPixels input = run.input.at(row * run.row_step + column);
      VI sums[kPixels][kVectors];
      with_dot([&](const auto& dot) {
        dot_pixels(dot, input.samples, run.pixel_step * channels, channels,
                   weights + tap * (channels / kDotDepth) * kWidth, sums);
      });
      add_products(sums, input.grids, run.pixel_step, panel, weight_sums + tap * kWidth, values);
    }
  }
}

HWY_INLINE void drop_pixels(IntegerRun& run, std::size_t pixels) {
  run.input = run.input.at(pixels * run.pixel_step);
  run.output.count -= pixels;
  run.output.output += pixels * run.output.output_stride;
  if (run.output.residual != nullptr) run.output.residual += pixels * run.output.residual_stride;
}

// Convolves all pixels of the run with one panel, as convolve_tiles().
HWY_NOINLINE inline void convolve_integer_tiles(const IntegerRun& given,
                                                const IntegerFilter& filter, std::size_t panel,
                                                const std::int32_t* weights) {
  BACKDROP_ASSERT(given.output.count >= kIntegerTilePixels);
  IntegerRun run = given;
  const std::size_t column = filter.first_column(panel);
  run.output.output += column;
  if (run.output.residual != nullptr) run.output.residual += column;
  for (;;) {
    V values[kIntegerTilePixels][kTileVectors];
    sum_integer_tile(run, filter.panel(panel), weights, values);
    store_tile(run.output, Clamp(given.output.activation), kPanelColumns, values);
    if (run.output.count == kIntegerTilePixels) break;
    drop_pixels(run, std::min(kIntegerTilePixels, run.output.count - kIntegerTilePixels));
  }
}

// Samples that widened() writes.
inline std::size_t widened_size(const IntegerFilter& filter) {
  return sizeof(Sample) == 1 ? 0 : filter.depth() * kPanelColumns;
}

// A panel's weights as Dot takes them: as they are or, if samples have 16 bits, copied to `wide`.
HWY_NOINLINE inline const std::int32_t* widened(const IntegerFilter& filter, std::size_t panel,
                                                Sample* wide) {
  const std::int8_t* weights = filter.weights(panel);
  if (sizeof(Sample) == 1) return reinterpret_cast<const std::int32_t*>(weights);  // NOLINT
  std::copy_n(weights, widened_size(filter), wide);
  return reinterpret_cast<const std::int32_t*>(wide);  // NOLINT
}

// Convolves runs with a filter, a panel at a time, as convolve_pixels(). Each run has at least
// kIntegerTilePixels pixels, and no activation but a clamp. `wide` has room for widened_size().
HWY_INLINE void convolve_integers(std::span<const IntegerRun> runs, const IntegerFilter& filter,
                                  Sample* wide) {
  for (std::size_t panel = 0; panel < filter.panels(); ++panel) {
    const std::int32_t* weights = widened(filter, panel, wide);
    for (const IntegerRun& run : runs) convolve_integer_tiles(run, filter, panel, weights);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#endif
