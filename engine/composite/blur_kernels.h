// The arithmetic of the background blur, row by row.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "matte/matte.h"

namespace backdrop {

inline constexpr std::size_t kRowPadding = 64;

// Rows of sums: of three colours times their weights, of the weights of luma, and of those of
// chroma.
inline constexpr std::size_t kSums = 5;
using Sums = std::array<std::uint16_t*, kSums>;
using FloatSums = std::array<float*, kSums>;
using ColourRows = std::array<std::int16_t*, 3>;
inline constexpr int kProductShift = 4;
inline constexpr int kMostRows = 8;  // whose products fit 16 bits

// These sum `count` rows, up to kMostRows, of n samples times their pixels' weights, into rows that
// hold zeros. A weight is 256 for background, and 1 from an alpha of one half on, as the mask's
// edge is softer than the person's. It is never 0: where all is person, the blur becomes a plain
// one. Products are kept in 1/16, so that they fit. Luma and RGBA are summed in pairs of neighbours
// as well.
void weigh_luma(const std::uint8_t* rows, std::ptrdiff_t stride, const AlphaPlane& alpha, int count,
                std::size_t n, const Sums& sums);
void weigh_rgba(const std::uint8_t* rows, std::ptrdiff_t stride, const AlphaPlane& alpha, int count,
                std::size_t n, const Sums& sums);

// All of chroma, whose neighbours are not summed: from two planes, or from one of pairs.
void weigh_chroma(const std::uint8_t* u_rows, std::ptrdiff_t u_stride, const std::uint8_t* v_rows,
                  std::ptrdiff_t v_stride, const AlphaPlane& alpha, int count, std::size_t n,
                  const Sums& sums);
void weigh_chroma_pairs(const std::uint8_t* rows, std::ptrdiff_t stride, const AlphaPlane& alpha,
                        int count, std::size_t n, const Sums& sums);

// The functions below work on whole vectors, up to kRowPadding samples beyond n.

// Adds n sums.
void add_to(const std::uint16_t* products, std::size_t n, float* sums);

// Sums pairs of neighbours in place; n is the count of pairs.
void sum_pairs(float* values, std::size_t n);

// Pixels of three colours and luma's weight. Chroma is summed over fewer samples than luma and, at
// an odd edge, not in proportion: it is scaled to luma's weight.
void interleave(const FloatSums& sums, std::size_t n, float* pixels);

// The colours of n such pixels divided by the weight, in 1/128.
void normalize(const float* pixels, std::size_t n, const ColourRows& out);

// Makes 2n samples of n, each 3/4 of the nearer one and 1/4 of the other. Writes in[-1] and in[n].
void double_row(std::int16_t* in, std::size_t n, std::int16_t* out);

// n pixels of two samples.
void interleave_pairs(const std::int16_t* first, const std::int16_t* second, std::size_t n,
                      std::int16_t* out);

// n opaque RGBA pixels in 1/128.
void interleave_rgba(const std::int16_t* red, const std::int16_t* green, const std::int16_t* blue,
                     std::size_t n, std::int16_t* out);

}  // namespace backdrop
