// How pixels lie in memory: one row of traits for each format, from which the rest follows.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

namespace backdrop {

enum class PixelFormat {
  kRgba,  // one plane, 4 bytes a pixel, straight alpha
  kI420,  // planes Y, U, V; U and V at half size, rounded up
  kNv12,  // planes Y and UV; UV in pairs, at half size, rounded up
  kBgra,  // as RGBA, blue first
  kYuy2,  // one plane of Y0 U Y1 V for each two pixels of a row
  kRgbx,  // as RGBA; the fourth byte is padding
  kBgrx,  // as RGBX, blue first
};

struct PlaneTraits {
  int channels = 0;           // samples of a pixel
  int subsampling = 0;        // a pixel stands for 2^subsampling x 2^subsampling of the frame's
  bool has_all_rows = false;  // in which case it stands for 2^subsampling x 1
};

struct FormatTraits {
  bool is_yuv = false;
  bool is_packed = false;   // YUV in one plane: the kernels work on I420 that is made of it
  bool has_alpha = false;   // the last channel
  bool blue_first = false;  // instead of red
  int planes = 0;
  std::array<PlaneTraits, 3> plane{};
};

// A switch without default, so that the compiler names a format that has no row.
constexpr FormatTraits make_traits(PixelFormat format) {
  constexpr PlaneTraits kRgb{.channels = 4}, kLuma{.channels = 1};
  constexpr PlaneTraits kChroma{.channels = 1, .subsampling = 1};
  constexpr PlaneTraits kChromaPairs{.channels = 2, .subsampling = 1};
  constexpr PlaneTraits kPackedPairs{.channels = 4, .subsampling = 1, .has_all_rows = true};
  switch (format) {
    case PixelFormat::kRgba:
      return {.has_alpha = true, .planes = 1, .plane = {kRgb}};
    case PixelFormat::kI420:
      return {.is_yuv = true, .planes = 3, .plane = {kLuma, kChroma, kChroma}};
    case PixelFormat::kNv12:
      return {.is_yuv = true, .planes = 2, .plane = {kLuma, kChromaPairs}};
    case PixelFormat::kBgra:
      return {.has_alpha = true, .blue_first = true, .planes = 1, .plane = {kRgb}};
    case PixelFormat::kYuy2:
      return {.is_yuv = true, .is_packed = true, .planes = 1, .plane = {kPackedPairs}};
    case PixelFormat::kRgbx:
      return {.planes = 1, .plane = {kRgb}};
    case PixelFormat::kBgrx:
      return {.blue_first = true, .planes = 1, .plane = {kRgb}};
  }
  return {};
}

// Whether the kernels know such a format: one plane of four channels; or luma, then U and V in one
// plane of pairs or in two of singles, subsampled at most once. Packed ones do not come to them.
constexpr bool is_known(const FormatTraits& format) {
  if (format.is_packed) return format.planes == 1;
  const auto& [first, second, third] = format.plane;
  if (!format.is_yuv) return format.planes == 1 && first.channels == 4;
  const bool pairs = format.planes == 2 && second.channels == 2;
  const bool singles = format.planes == 3 && second.channels == 1 && third.channels == 1 &&
                       third.subsampling == second.subsampling;
  return first.channels == 1 && first.subsampling == 0 && (pairs || singles) &&
         (second.subsampling == 0 || second.subsampling == 1);
}

inline constexpr std::size_t kFormatCount = [] {
  std::size_t count = 0;
  while (make_traits(static_cast<PixelFormat>(count)).planes > 0) ++count;
  return count;
}();

inline constexpr auto kFormatTraits = [] {
  std::array<FormatTraits, kFormatCount> table;
  for (std::size_t i = 0; i < table.size(); ++i)
    table[i] = make_traits(static_cast<PixelFormat>(i));
  return table;
}();
static_assert(std::ranges::all_of(kFormatTraits, is_known));

constexpr const FormatTraits& traits_of(PixelFormat format) {
  return kFormatTraits[static_cast<std::size_t>(format)];
}

constexpr bool is_yuv(PixelFormat format) { return traits_of(format).is_yuv; }

constexpr int plane_count(PixelFormat format) { return traits_of(format).planes; }

constexpr const PlaneTraits& plane_traits(PixelFormat format, int plane) {
  return traits_of(format).plane[static_cast<std::size_t>(plane)];
}

// Samples of a pixel.
constexpr int channels_of(PixelFormat format, int plane) {
  return plane_traits(format, plane).channels;
}

// Pixels of a plane's row, of a frame of `width` pixels.
constexpr int plane_width(PixelFormat format, int width, int plane) {
  return ((width - 1) >> plane_traits(format, plane).subsampling) + 1;
}

// Rows of a plane, of a frame of `height` rows.
constexpr int plane_height(PixelFormat format, int height, int plane) {
  const PlaneTraits& traits = plane_traits(format, plane);
  return traits.has_all_rows ? height : ((height - 1) >> traits.subsampling) + 1;
}

}  // namespace backdrop
