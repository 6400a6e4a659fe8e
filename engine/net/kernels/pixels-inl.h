// Convolution of a run of pixels: what dense convolutions come down to. A matrix product whose
// left side is read where the picture lies, without copying windows out of it.
#if defined(BACKDROP_NET_KERNELS_PIXELS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BACKDROP_NET_KERNELS_PIXELS_INL_H_
#undef BACKDROP_NET_KERNELS_PIXELS_INL_H_
#else
#define BACKDROP_NET_KERNELS_PIXELS_INL_H_
#endif

#include <span>
#include <vector>

#include "base/buffer.h"
#include "net/kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {

// A tile is kTilePixels x kTileVectors accumulators: as many as leave registers for a row of
// weights and an input sample.
#if HWY_TARGET == HWY_SCALAR
constexpr std::size_t kTileVectors = 4;
constexpr std::size_t kTilePixels = 3;  // of 16 registers
#elif HWY_TARGET == HWY_WASM
constexpr std::size_t kTileVectors = 2;
#if defined(__wasm_relaxed_simd__)
// A multiply-add takes four cycles, and two are begun in each: eight sums would only just do.
constexpr std::size_t kTilePixels = 5;  // of 16 registers, of which engines keep some
#else
constexpr std::size_t kTilePixels = 4;  // for products, too, need a register
#endif
#elif HWY_TARGET <= HWY_AVX3
constexpr std::size_t kTileVectors = 2;
constexpr std::size_t kTilePixels = 12;  // of 32 registers
#else
constexpr std::size_t kTileVectors = 2;
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
      for (std::size_t c = 0; c < panel.columns; ++c) {
        const std::size_t column = panel.column + c;
        pack_column(bias[column], filter.subspan(column * depth, depth), panel.vectors * kLanes,
                    weights_.data() + panel.offset + c);
      }
    }
  }

  std::size_t depth() const { return depth_; }
  std::size_t columns() const { return columns_; }
  std::size_t size() const { return size_; }
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
  // A function of its own, called often, so that it is soon replaced by faster code.
  HWY_NOINLINE static void pack_column(float bias, std::span<const float> column,
                                       std::size_t stride, float* to) {
    *to = bias;
    for (const float weight : column) *(to += stride) = weight;
  }

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

// Writes the sums of a run's first tile, activated, and added to what there is of a residual.
template <typename Activate, std::size_t kPixels, std::size_t kVectors>
HWY_INLINE void store_tile(const PixelRun& run, const Activate& activate, std::size_t columns,
                           V (&sums)[kPixels][kVectors]) {
  const std::size_t lanes = kVectors == 1 ? std::min(columns, kLanes) : kLanes;
  HWY_UNROLL(16)
  for (std::size_t p = 0; p < kPixels; ++p) {
    HWY_UNROLL(4)
    for (std::size_t v = 0; v < kVectors; ++v) sums[p][v] = activate(sums[p][v]);
  }
  if (run.residual != nullptr && !is_curved(run.activation)) {
    const float* residual = run.residual;
    HWY_UNROLL(16)
    for (std::size_t p = 0; p < kPixels; ++p, residual += run.residual_stride) {
      HWY_UNROLL(4)
      for (std::size_t v = 0; v < kVectors; ++v) {
        sums[p][v] = hn::Add(sums[p][v], load(residual + v * kLanes, lanes));
      }
    }
  }
  float* output = run.output;
  HWY_UNROLL(16)
  for (std::size_t p = 0; p < kPixels; ++p, output += run.output_stride) {
    HWY_UNROLL(4)
    for (std::size_t v = 0; v < kVectors; ++v) store(sums[p][v], output + v * kLanes, lanes);
  }
}

// What curved activations need.
HWY_INLINE void finish_pixels(const PixelRun& run, std::size_t columns) {
  if (!is_curved(run.activation)) return;
  const bool is_stretch = run.output_stride == columns && run.residual == nullptr;
  const std::size_t step = is_stretch ? run.count : 1;
  for (std::size_t p = 0; p < run.count; p += step) {
    const float* residual =
        run.residual == nullptr ? nullptr : run.residual + p * run.residual_stride;
    finish_curved(run.activation, run.output + p * run.output_stride, residual, step * columns);
  }
}

// The sums of a run's first tile: the bias, and kStep samples of each pixel at a time.
template <std::size_t kStep, std::size_t kPixels, std::size_t kVectors>
HWY_INLINE void sum_tile(const PixelRun& run, const float* HWY_RESTRICT weights,
                         V (&sums)[kPixels][kVectors]) {
  constexpr std::size_t kWidth = kVectors * kLanes;
  const float* segment = run.input;
  HWY_UNROLL(16)
  for (std::size_t p = 0; p < kPixels; ++p) {
    HWY_UNROLL(4)
    for (std::size_t v = 0; v < kVectors; ++v) sums[p][v] = hn::Load(D(), weights + v * kLanes);
  }
  weights += (run.first_depth + 1) * kWidth;
  for (std::size_t s = 0; s < run.segments; ++s, segment += run.segment_stride) {
    // A pointer a pixel: offsets from one pointer would be computed again for every sample.
    const float* samples[kPixels];
    HWY_UNROLL(16)
    for (std::size_t p = 0; p < kPixels; ++p) samples[p] = segment + p * run.pixel_stride;
    std::size_t k = 0;
    for (; k + kStep <= run.segment_length; k += kStep, weights += kStep * kWidth) {
      HWY_UNROLL(16)
      for (std::size_t i = 0; i < kStep; ++i) accumulate(samples, i, weights + i * kWidth, sums);
      HWY_UNROLL(16)
      for (std::size_t p = 0; p < kPixels; ++p) samples[p] += kStep;
    }
    for (; k < run.segment_length; ++k, weights += kWidth) {
      accumulate(samples, 0, weights, sums);
      HWY_UNROLL(16)
      for (std::size_t p = 0; p < kPixels; ++p) ++samples[p];
    }
  }
}

// Leaves the run's first `pixels` out.
HWY_INLINE void drop_pixels(PixelRun& run, std::size_t pixels) {
  run.count -= pixels;
  run.input += pixels * run.pixel_stride;
  run.output += pixels * run.output_stride;
  if (run.residual != nullptr) run.residual += pixels * run.residual_stride;
}

// All pixels of the run for one panel, kPixels at a time, of which there are as many or more; the
// last tile overlaps the one before it. A function of its own, called often: a WebAssembly engine
// replaces its first, slow code for a function between two calls of it, never within one.
template <std::size_t kPixels, std::size_t kVectors, std::size_t kStep>
HWY_NOINLINE void convolve_tiles(const PixelRun& given, const Panel& panel,
                                 const float* HWY_RESTRICT packed) {
  PixelRun run = given;  // a copy: what is written could else be the run itself
  run.output += panel.column;
  if (run.residual != nullptr) run.residual += panel.column;
  const float* HWY_RESTRICT weights = packed + panel.offset;
  for (;;) {
    V sums[kPixels][kVectors];
    sum_tile<kStep>(run, weights, sums);
    // Asked for again for each tile: kept at hand, the bounds would take its registers.
    if (given.activation == Activation::kHardSwish) {
      store_tile(run, HardSwish(), panel.columns, sums);
    } else if (given.activation == Activation::kNone) {
      store_tile(run, Unchanged(), panel.columns, sums);
    } else {
      store_tile(run, Clamp(given.activation), panel.columns, sums);
    }
    if (run.count == kPixels) break;
    drop_pixels(run, std::min(kPixels, run.count - kPixels));
  }
}

template <std::size_t kVectors>
HWY_INLINE void convolve_panel(const PixelRun& run, const Panel& panel, const float* packed) {
  if (run.count >= kTilePixels && run.segment_length == kRgbWindow) {
    convolve_tiles<kTilePixels, kVectors, kRgbWindow>(run, panel, packed);
  } else if (run.count >= kTilePixels) {
    convolve_tiles<kTilePixels, kVectors, 4>(run, panel, packed);
  } else {
    convolve_tiles<1, kVectors, 4>(run, panel, packed);
  }
}

// `packed` is the filter's weights, or what scale() made of them. A panel is applied to all pixels
// before the next, so that it is read only once; their input should stay in a near cache.
HWY_INLINE void convolve_pixels(std::span<const PixelRun> runs, const PackedFilter& filter,
                                const float* packed) {
  for (const Panel& panel : filter.panels()) {
    for (const PixelRun& run : runs) {
      if (panel.vectors == kTileVectors) {
        convolve_panel<kTileVectors>(run, panel, packed);
      } else {
        convolve_panel<1>(run, panel, packed);
      }
    }
  }
  for (const PixelRun& run : runs) finish_pixels(run, filter.columns());
}

// The same for a run of any length, in bands: 8 KB of input, or eight tiles.
HWY_INLINE void convolve_pixels(const PixelRun& run, const PackedFilter& filter,
                                const float* packed) {
  constexpr std::size_t kBandFloats = 2048;
  const std::size_t tiles = std::max<std::size_t>(kBandFloats / (filter.depth() * kTilePixels), 8);
  PixelRun left = run;
  while (left.count > 0) {
    PixelRun band = left;
    band.count = std::min(tiles * kTilePixels, left.count);
    convolve_pixels({&band, 1}, filter, packed);
    drop_pixels(left, band.count);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace backdrop
HWY_AFTER_NAMESPACE();

#endif
