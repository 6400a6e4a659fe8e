// Convolution of a run of pixels, the core of dense convolutions: an implicit matrix product. The
// left matrix is read from the picture in place, without copying windows (no im2col).
#if defined(BACKDROP_NET_KERNELS_PIXELS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BACKDROP_NET_KERNELS_PIXELS_INL_H_
#undef BACKDROP_NET_KERNELS_PIXELS_INL_H_
#else
#define BACKDROP_NET_KERNELS_PIXELS_INL_H_
#endif

#include <algorithm>
#include <span>
#include <vector>

#include "base/assert.h"
#include "base/buffer.h"
#include "net/kernels/activation-inl.h"

HWY_BEFORE_NAMESPACE();
namespace backdrop {
namespace HWY_NAMESPACE {

// A tile is kTilePixels x kTileVectors accumulators. The sizes leave registers for a row of weights
// and an input sample.
#if HWY_TARGET == HWY_SCALAR
constexpr std::size_t kTileVectors = 4;
constexpr std::size_t kTilePixels = 3;  // of 16 registers
#elif HWY_TARGET == HWY_WASM
constexpr std::size_t kTileVectors = 2;
#if defined(__wasm_relaxed_simd__)
// A multiply-add has a latency of four cycles, and two start per cycle: eight accumulators would
// barely hide the latency, ten do.
constexpr std::size_t kTilePixels = 5;  // of 16 registers, some of which engines reserve
#else
constexpr std::size_t kTilePixels = 4;  // of 16 registers: products need one, too
#endif
#elif HWY_TARGET <= HWY_AVX3
constexpr std::size_t kTileVectors = 2;
constexpr std::size_t kTilePixels = 12;  // of 32 registers
#else
constexpr std::size_t kTileVectors = 2;
constexpr std::size_t kTilePixels = 6;  // of 16 registers
#endif

// Floats in a row of a 3x3 window over RGB, the first convolution of most networks. A tile with
// this constant length needs no inner loop, which would otherwise dominate such short rows.
constexpr std::size_t kRgbWindow = 9;

// A panel of neighbouring output channels. Its packed weights are the biases, then one row of
// weights for each input value.
struct Panel {
  std::size_t column;  // the first output channel
  std::size_t
      columns;  // output channels; fewer than the vectors' lanes only if the filter has fewer
  std::size_t vectors;  // 1 or kTileVectors
  std::size_t offset;   // in the packed weights, in floats
};

// A filter packed for tiles. The last panel overlaps the one before instead of being partial.
class PackedFilter {
 public:
  PackedFilter() = default;

  // `filter` is columns x depth, row-major; `bias` has one value for each column.
  PackedFilter(std::size_t columns, std::size_t depth, std::span<const float> filter,
               std::span<const float> bias)
      : depth_(depth), columns_(columns) {
    BACKDROP_ASSERT(filter.size() == columns * depth);
    BACKDROP_ASSERT(bias.size() == columns);
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

  // Writes the packed weights to `scaled` (size() floats, aligned like a Buffer), each multiplied
  // by the gate of its input channel. `gate` has depth() values: the filter must be pointwise.
  void scale(const float* gate, float* scaled) const {
    BACKDROP_ASSERT(BACKDROP_IS_ALIGNED(scaled, Buffer<float>::kAlignment));
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
  // Not inlined, so that a WebAssembly engine soon replaces its baseline code (see convolve_tiles).
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

// A run of equally spaced output pixels. The input of each pixel is `segments` contiguous segments
// (the rows of its window) whose starts are `segment_stride` floats apart.
struct PixelRun {
  const float* input = nullptr;  // of the first pixel
  std::size_t count = 0;
  std::size_t pixel_stride = 0;
  std::size_t segments = 1;
  std::size_t segment_stride = 0;
  std::size_t segment_length = 0;
  std::size_t first_depth = 0;      // of the filter: skips window rows above the picture
  const float* residual = nullptr;  // of the first pixel, or null
  std::size_t residual_stride = 0;  // between pixels
  float* output = nullptr;
  std::size_t output_stride = 0;  // between pixels
  Activation activation = Activation::kNone;
};

// Adds sample `offset` of each pixel times a row of weights to the sums.
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

// Activates the sums of a run's first tile, adds the residual, if any, and writes the output.
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

// Applies a curved activation, and then the residual, to the run's stored sums.
HWY_INLINE void finish_pixels(const PixelRun& run, std::size_t columns) {
  if (!is_curved(run.activation)) return;
  const bool is_contiguous = run.output_stride == columns && run.residual == nullptr;
  const std::size_t step = is_contiguous ? run.count : 1;
  for (std::size_t p = 0; p < run.count; p += step) {
    const float* residual =
        run.residual == nullptr ? nullptr : run.residual + p * run.residual_stride;
    finish_curved(run.activation, run.output + p * run.output_stride, residual, step * columns);
  }
}

// Computes the sums of a run's first tile: the bias plus the products, kStep samples of each pixel
// at a time.
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
    // One pointer for each pixel: compilers recompute offsets from a single pointer for every
    // sample.
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

// Removes the run's first `pixels` pixels.
HWY_INLINE void drop_pixels(PixelRun& run, std::size_t pixels) {
  run.count -= pixels;
  run.input += pixels * run.pixel_stride;
  run.output += pixels * run.output_stride;
  if (run.residual != nullptr) run.residual += pixels * run.residual_stride;
}

// Convolves all pixels of the run with one panel, kPixels at a time. The run has at least kPixels
// pixels; the last tile overlaps the one before. Not inlined, so that it is called often: a
// WebAssembly engine replaces its slow baseline code for a function between two calls, never within
// one.
template <std::size_t kPixels, std::size_t kVectors, std::size_t kStep>
HWY_NOINLINE void convolve_tiles(const PixelRun& given, const Panel& panel,
                                 const float* HWY_RESTRICT packed) {
  BACKDROP_ASSERT(given.count >= kPixels);
  PixelRun run = given;  // a copy, because the compiler must assume that writes change `given`
  run.output += panel.column;
  if (run.residual != nullptr) run.residual += panel.column;
  const float* HWY_RESTRICT weights = packed + panel.offset;
  for (;;) {
    V sums[kPixels][kVectors];
    sum_tile<kStep>(run, weights, sums);
    // The clamp is made anew for each tile: kept across tiles, its bounds would occupy registers.
    if (given.activation == Activation::kHardSwish) {
      store_tile(run, HardSwish(), panel.columns, sums);
    } else if (given.activation == Activation::kNone) {
      store_tile(run, Identity(), panel.columns, sums);
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

// Convolves runs with a filter. `packed` is the filter's weights or a copy by scale(). A panel is
// applied to all runs before the next panel, so that it is read once; the runs' input should fit a
// near cache.
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

// The same for one run of any length, in bands of 8 KB of input or eight tiles.
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
