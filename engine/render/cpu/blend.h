// Blending rows of samples.
#pragma once

#include <cstddef>
#include <cstdint>

namespace backdrop {

// out = round((foreground * alpha + background * (255 - alpha)) / 255), one alpha a sample. `out`
// may be `foreground` or `background`.
void blend_samples(const std::uint8_t* foreground, const std::uint8_t* background,
                   const std::uint8_t* alpha, std::size_t n, std::uint8_t* out);

// The same for n pixels of two samples, one alpha a pixel. Reads alpha beyond n, within
// kAlphaPadding.
void blend_pairs(const std::uint8_t* foreground, const std::uint8_t* background,
                 const std::uint8_t* alpha, std::size_t n, std::uint8_t* out);

// What becomes of the fourth sample of a pixel: its own alpha, or padding.
enum class FourthSample : std::uint8_t {
  kBackgrounds = 0,  // alpha: that of an opaque background
  kStays = 255       // padding
};

// The same for pixels of four samples, of which three are blended.
void blend_fours(const std::uint8_t* foreground, const std::uint8_t* background,
                 const std::uint8_t* alpha, FourthSample fourth, std::size_t n, std::uint8_t* out);

// Three samples of n pixels of four from `colors`, and the fourth from `fourths`. `out` may be
// either.
void replace_colors(const std::uint8_t* fourths, const std::uint8_t* colors, std::size_t n,
                    std::uint8_t* out);

// Whether n RGBA or BGRA pixels have an alpha of 255.
bool are_opaque(const std::uint8_t* rgba, std::size_t n);

// The same, and copies them. `out` may be `rgba`.
bool copy_opaque(const std::uint8_t* rgba, std::size_t n, std::uint8_t* out);

// out = first + (second - first) * weight, for samples in 1/128, truncated to integers. The weight
// is in 1/32768.
void blend_rows(const std::int16_t* first, const std::int16_t* second, std::int16_t weight,
                std::size_t n, std::uint8_t* out);

}  // namespace backdrop
