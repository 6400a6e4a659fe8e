// Convolution of a run of pixels: what dense convolutions come down to. A matrix product whose
// left side is read where the picture lies, without copying windows out of it.
#if defined(BACKDROP_KERNELS_PIXELS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BACKDROP_KERNELS_PIXELS_INL_H_
#undef BACKDROP_KERNELS_PIXELS_INL_H_
#else
#define BACKDROP_KERNELS_PIXELS_INL_H_
#endif

#include <span>
#include <vector>

#include "base/buffer.h"
#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {

// A tile is kTilePixels x kTileVectors accumulators: as many as leave registers for two weights and
// an input sample.
constexpr std::size_t kTileVectors = 2;
#if HWY_TARGET <= HWY_AVX3
constexpr std::size_t kTilePixels = 12;  // of 32 registers
#else
constexpr std::size_t kTilePixels = 6;  // of 16 registers
#endif

// A row of a window three pixels wide over a picture: the first convolution of most networks, which
// would else spend its time between rows.
constexpr std::size_t kRgbWindow = 9;

// Some neighbouring output channels: their bias, then a row of their weights per input value.
struct Panel {
  std::size_t column;   // the first output channel
  std::size_t columns;  // how many; less than its vectors hold only where there are no more
  std::size_t vectors;  // 1 or kTileVectors
  std::size_t offset;   // in the packed weights
};

// Floats that a cache of some distance holds beside the pictures (1 MB).
constexpr std::size_t kSmallFilter = std::size_t{1} << 18;

// A filter laid out for tiles. The last panel overlaps the one before it rather than being partial.
class PackedFilter {
 public:
  PackedFilter() = default;

  // `filter` is columns x depth, row by row; `bias` has a value per column.
  PackedFilter(std::size_t columns, std::size_t depth, std::span<const float> filter,
               std::span<const float> bias)
      : depth_(depth), columns_(columns) {
    lay_out_panels();
    weights_ = Buffer<float>::zeros(size_);
    for (const Panel& panel : panels_) {
      float* to = weights_.data() + panel.offset;
      const std::size_t width = panel.vectors * kLanes;
      for (std::size_t c = 0; c < panel.columns; ++c) {
        const std::size_t column = panel.column + c;
        to[c] = bias[column];
        for (std::size_t k = 0; k < depth; ++k)
          to[(k + 1) * width + c] = filter[column * depth + k];
      }
    }
  }

  std::size_t depth() const { return depth_; }
  std::size_t columns() const { return columns_; }
  std::size_t size() const { return size_; }
  bool is_small() const { return size_ <= kSmallFilter; }
  const float* weights() const { return weights_.data(); }
  const std::vector<Panel>& panels() const { return panels_; }

  // Writes the weights to `scaled` (size() floats), each multiplied with the gate of its input
  // channel. The depth is that of one pixel.
  void scale(const float* gate, float* scaled) const {
    const D d;
    for (const Panel& panel : panels_) {
      const std::size_t width = panel.vectors * kLanes;
      const float* from = weights_.data() + panel.offset;
      float* to = scaled + panel.offset;
      std::copy_n(from, width, to);
      for (std::size_t k = 0; k < depth_; ++k) {
        const V factor = hn::Set(d, gate[k]);
        for (std::size_t i = (k + 1) * width; i < (k + 2) * width; i += kLanes) {
          hn::Store(hn::Mul(hn::Load(d, from + i), factor), d, to + i);
        }
      }
    }
  }

 private:
  void lay_out_panels() {
    std::size_t column = 0;
    while (column < columns_) {
      const std::size_t left = columns_ - column;
      const bool is_wide = left > kLanes && columns_ >= kTileVectors * kLanes;
      const std::size_t vectors = is_wide ? kTileVectors : 1;
      const std::size_t width = vectors * kLanes;
      const std::size_t first = left < width && columns_ >= width ? columns_ - width : column;
      panels_.push_back({first, std::min(width, columns_ - first), vectors, size_});
      size_ += (depth_ + 1) * width;
      column = first + width;
    }
  }

  std::size_t depth_ = 0;
  std::size_t columns_ = 0;
  std::size_t size_ = 0;
  std::vector<Panel> panels_;
  Buffer<float> weights_;
};

// Output pixels at equal distances. Each one's input is `segments` stretches of contiguous floats
// (the rows of its window) that begin `segment_stride` apart.
struct PixelRun {
  const float* input = nullptr;  // of the first pixel
  std::size_t count = 0;
  std::size_t pixel_stride = 0;
  std::size_t segments = 1;
  std::size_t segment_stride = 0;
  std::size_t segment_length = 0;
  std::size_t first_depth = 0;      // of the filter, where rows above the picture are left out
  const float* residual = nullptr;  // of the first pixel, or null
  std::size_t residual_stride = 0;  // between pixels
  float* output = nullptr;
  std::size_t output_stride = 0;  // between pixels
  Activation activation = Activation::kNone;
};

// Adds sample `offset` of each pixel, times a row of weights.
template <std::size_t kPixels, std::size_t kVectors>
HWY_INLINE void accumulate(const float* const (&samples)[kPixels], std::size_t offset,
                           const float* HWY_RESTRICT weights, V (&sums)[kPixels][kVectors]) {
  const D d;
  V row[kVectors];
  HWY_UNROLL(4)
  for (std::size_t v = 0; v < kVectors; ++v) row[v] = hn::Load(d, weights + v * kLanes);
  HWY_UNROLL(16)
  for (std::size_t p = 0; p < kPixels; ++p) {
    const V sample = hn::Set(d, samples[p][offset]);
    HWY_UNROLL(4)
    for (std::size_t v = 0; v < kVectors; ++v) {
      sums[p][v] = pinned(hn::MulAdd(sample, row[v], sums[p][v]));
    }
  }
}

// Writes a tile's sums, activated, and added to what there is of a residual.
template <typename Activate, std::size_t kPixels, std::size_t kVectors>
HWY_INLINE void store_tile(const PixelRun& run, const Activate& activate, std::size_t pixel,
                           const Panel& panel, V (&sums)[kPixels][kVectors]) {
  const std::size_t lanes = kVectors == 1 ? std::min(panel.columns, kLanes) : kLanes;
  HWY_UNROLL(16)
  for (std::size_t p = 0; p < kPixels; ++p) {
    HWY_UNROLL(4)
    for (std::size_t v = 0; v < kVectors; ++v) sums[p][v] = activate(sums[p][v]);
  }
  if (run.residual != nullptr && !is_curved(run.activation)) {
    const float* residual = run.residual + pixel * run.residual_stride + panel.column;
    HWY_UNROLL(16)
    for (std::size_t p = 0; p < kPixels; ++p, residual += run.residual_stride) {
      HWY_UNROLL(4)
      for (std::size_t v = 0; v < kVectors; ++v) {
        sums[p][v] = hn::Add(sums[p][v], load(residual + v * kLanes, lanes));
      }
    }
  }
  float* output = run.output + pixel * run.output_stride + panel.column;
  HWY_UNROLL(16)
  for (std::size_t p = 0; p < kPixels; ++p, output += run.output_stride) {
    HWY_UNROLL(4)
    for (std::size_t v = 0; v < kVectors; ++v) store(sums[p][v], output + v * kLanes, lanes);
  }
}

// kPixels pixels from number `pixel` of the run, for one panel; kStep samples of each at a time.
template <std::size_t kPixels, std::size_t kVectors, std::size_t kStep>
HWY_NOINLINE void convolve_tile(const PixelRun& run, std::size_t pixel, const Panel& panel,
                                const float* HWY_RESTRICT packed) {
  constexpr std::size_t kWidth = kVectors * kLanes;
  const D d;
  const float* HWY_RESTRICT weights = packed + panel.offset;

  V sums[kPixels][kVectors];
  HWY_UNROLL(16)
  for (std::size_t p = 0; p < kPixels; ++p) {
    HWY_UNROLL(4)
    for (std::size_t v = 0; v < kVectors; ++v) sums[p][v] = hn::Load(d, weights + v * kLanes);
  }

  weights += (run.first_depth + 1) * kWidth;
  const std::size_t length = run.segment_length;
  const float* segment = run.input + pixel * run.pixel_stride;
  for (std::size_t s = 0; s < run.segments; ++s, segment += run.segment_stride) {
    // A pointer a pixel: offsets from one pointer would be computed again for every sample.
    const float* samples[kPixels];
    HWY_UNROLL(16)
    for (std::size_t p = 0; p < kPixels; ++p) samples[p] = segment + p * run.pixel_stride;
    std::size_t k = 0;
    for (; k + kStep <= length; k += kStep, weights += kStep * kWidth) {
      HWY_UNROLL(16)
      for (std::size_t i = 0; i < kStep; ++i) accumulate(samples, i, weights + i * kWidth, sums);
      HWY_UNROLL(16)
      for (std::size_t p = 0; p < kPixels; ++p) samples[p] += kStep;
    }
    for (; k < length; ++k, weights += kWidth) {
      accumulate(samples, 0, weights, sums);
      HWY_UNROLL(16)
      for (std::size_t p = 0; p < kPixels; ++p) ++samples[p];
    }
  }

  if (run.activation == Activation::kHardSwish) {
    store_tile(run, HardSwish(), pixel, panel, sums);
  } else {
    store_tile(run, Clamp(run.activation), pixel, panel, sums);
  }
}

// What curved activations need, for the channels that these panels have made.
HWY_INLINE void finish_pixels(const PixelRun& run, std::size_t pixel, std::size_t count,
                              std::span<const Panel> panels) {
  const std::size_t first = panels.front().column;
  const std::size_t size = panels.back().column + panels.back().columns - first;
  if (size == run.output_stride && run.residual == nullptr) {
    finish_curved(run.activation, run.output + pixel * size, nullptr, count * size);
    return;
  }
  for (std::size_t p = pixel; p < pixel + count; ++p) {
    const float* residual =
        run.residual == nullptr ? nullptr : run.residual + p * run.residual_stride + first;
    finish_curved(run.activation, run.output + p * run.output_stride + first, residual, size);
  }
}

template <std::size_t kPixels, std::size_t kStep = 4>
HWY_INLINE std::size_t convolve_tiles(const PixelRun& run, std::size_t pixel,
                                      std::span<const Panel> panels, const float* packed) {
  for (; pixel + kPixels <= run.count; pixel += kPixels) {
    for (const Panel& panel : panels) {
      if (panel.vectors == kTileVectors) {
        convolve_tile<kPixels, kTileVectors, kStep>(run, pixel, panel, packed);
      } else {
        convolve_tile<kPixels, 1, 4>(run, pixel, panel, packed);
      }
    }
    if (is_curved(run.activation)) finish_pixels(run, pixel, kPixels, panels);
  }
  return pixel;
}

HWY_INLINE void convolve_run(const PixelRun& run, std::span<const Panel> panels,
                             const float* packed) {
  std::size_t pixel = run.segment_length == kRgbWindow
                          ? convolve_tiles<kTilePixels, kRgbWindow>(run, 0, panels, packed)
                          : convolve_tiles<kTilePixels>(run, 0, panels, packed);
  if constexpr (kTilePixels > 6) pixel = convolve_tiles<6>(run, pixel, panels, packed);
  pixel = convolve_tiles<4>(run, pixel, panels, packed);
  pixel = convolve_tiles<2>(run, pixel, panels, packed);
  convolve_tiles<1>(run, pixel, panels, packed);
}

// `packed` is the filter's weights, or what scale() made of them. A small filter is read for each
// tile: a stream that caches follow well. Of a large one a panel is applied to all pixels before
// the next, so that it is read from far only once; their input should stay in a cache.
HWY_INLINE void convolve_pixels(std::span<const PixelRun> runs, const PackedFilter& filter,
                                const float* packed) {
  if (filter.is_small()) {
    for (const PixelRun& run : runs) convolve_run(run, filter.panels(), packed);
    return;
  }
  for (const Panel& panel : filter.panels()) {
    for (const PixelRun& run : runs) convolve_run(run, {&panel, 1}, packed);
  }
}

// The same for a run of any length, in bands where the filter is large.
HWY_INLINE void convolve_pixels(const PixelRun& run, const PackedFilter& filter,
                                const float* packed) {
  const std::size_t pixels = filter.is_small() ? run.count : 8 * kTilePixels;
  for (std::size_t first = 0; first < run.count; first += pixels) {
    PixelRun band = run;
    band.count = std::min(pixels, run.count - first);
    band.input += first * run.pixel_stride;
    band.output += first * run.output_stride;
    if (run.residual != nullptr) band.residual += first * run.residual_stride;
    convolve_pixels({&band, 1}, filter, packed);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#endif
