// Samples in memory, alpha or colours, and the operations on them that sequences and metrics share.
#pragma once

#include <cstddef>
#include <vector>

#include "picture.h"

namespace backdrop::quality {

// Row by row without gaps, channels innermost. Alpha has one channel, 0 to 1. Colours have three,
// R, G and B, or four with a premultiplied alpha, all in levels of 0 to 255 as they are encoded.
struct Image {
  int width = 0;   // pixels
  int height = 0;  // pixels
  int channels = 0;
  std::vector<float> values{};

  Image() = default;
  Image(int w, int h, int c, float value = 0)
      : width(w), height(h), channels(c), values(size(w, h, c), value) {}

  static std::size_t size(int w, int h, int c) {
    return static_cast<std::size_t>(w) * static_cast<std::size_t>(h) * static_cast<std::size_t>(c);
  }
  std::size_t pixels() const { return size(width, height, 1); }
  float* row(int y) { return values.data() + size(width, y, channels); }
  const float* row(int y) const { return values.data() + size(width, y, channels); }
  float& at(int x, int y, int c = 0) { return row(y)[x * channels + c]; }
  float at(int x, int y, int c = 0) const { return row(y)[x * channels + c]; }
};

// (x, y) -> (xx x + xy y + x0, yx x + yy y + y0). Whole coordinates are the centres of pixels.
struct Affine {
  double xx = 1, xy = 0, x0 = 0;
  double yx = 0, yy = 1, y0 = 0;

  // Scales by `scale` and turns counterclockwise by `degrees` around (from_x, from_y), which comes
  // to lie on (to_x, to_y).
  static Affine turned(double degrees, double scale, double from_x, double from_y, double to_x,
                       double to_y);
  Affine after(const Affine& first) const;  // `first`, then this
  Affine inverse() const;                   // of one that is not degenerate
};

// R, G and B of a picture; alpha is dropped.
Image colors_of(const cli::Picture& picture);

// R, G and B, premultiplied by A, and A, all 0 to 255.
Image premultiplied(const cli::Picture& picture);

// Three channels, rounded and clamped, opaque.
cli::Picture to_picture(const Image& colors);

// Alpha of one channel from bytes, 0 to 255, without gaps.
Image alpha_of(const std::vector<std::uint8_t>& bytes, int width, int height);

// Scaled to cover width x height, cut evenly on both sides. The filter is a tent, as wide as a
// pixel of the smaller image.
Image covering(const Image& image, int width, int height);

// Gaussian with a standard deviation of `sigma` pixels; the edges' samples go on beyond them.
Image gaussian_blur(const Image& image, double sigma);

// The same for a large `sigma`, computed on means of squares of pixels: within a level.
Image wide_gaussian_blur(const Image& image, double sigma);

enum class Beyond { kClear, kMirrored };

// width x height samples of `image`, interpolated linearly: `to_image` maps their coordinates to
// the image's. Beyond the image lies nothing, or its mirror image.
Image warp(const Image& image, const Affine& to_image, int width, int height, Beyond beyond);

// `over` of four channels laid on `under`, in place: three channels are colours, one is alpha.
void lay_over(Image& under, const Image& over);

}  // namespace backdrop::quality
