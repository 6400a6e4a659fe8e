// Kernels of the guided filter: rows of the guide, lines fitted to it, and lines applied.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "image/pixel_format.h"

namespace backdrop {

// The weights of a pixel's channels in luma, in the order of the format; the sum is 256.
std::array<std::uint16_t, 3> luma_weights(PixelFormat format);

// Computes the guide: luma around zero. Luma is Y as stored or (77 R + 150 G + 29 B) / 256; 0 to
// 256 becomes -32768 to 32768. Writes `width` values.
void guide_row(const std::uint8_t* pixels, PixelFormat format, int width, std::int16_t* guide);

// Slopes and intercepts are in 1/kLineUnit: probability = slope * guide + intercept.
inline constexpr int kLineUnit = 4096;

// A row of lines, or of values interpolated between lines.
struct Lines {
  const std::int16_t* slopes = nullptr;
  const std::int16_t* intercepts = nullptr;
};

// Interpolates two rows of lines (the second weighted by weight / 32768), applies them to the guide
// and replaces it with the probabilities, clamped to 0 ... 1, in 1/32767. n is a multiple of 32;
// the rows are aligned to 64 bytes.
void apply_lines(const Lines& first, const Lines& second, std::int16_t weight, std::size_t n,
                 std::int16_t* guide);

// Kernels that work on floats read and write up to kMostLanes - 1 values beyond a row's n.
inline constexpr int kMostLanes = 16;

// The rows of a window of this radius, from top to bottom; the rest is unused. Each can be read
// `radius` values beyond both ends.
inline constexpr int kMostWindowRadius = 10;
constexpr std::size_t window_rows(int radius) { return static_cast<std::size_t>(2 * radius + 1); }
using WindowRows = std::array<const float*, window_rows(kMostWindowRadius)>;

// Fits for each pixel of a row the line from luma to the mask in its window, with slopes from -4 to
// 4. `sums` are rows to work on, that can be written `radius` values beyond both ends.
void fit_lines(const WindowRows& guide, const WindowRows& mask, int radius, float epsilon,
               std::size_t n, const std::array<float*, 4>& sums, float* slopes, float* intercepts);

// The means over the windows of a row, in 1/kLineUnit. `sums` is as above.
void mean_row(const WindowRows& rows, int radius, std::size_t n, float* sums, std::int16_t* means);

}  // namespace backdrop
