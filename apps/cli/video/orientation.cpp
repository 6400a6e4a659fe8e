#include "orientation.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

namespace backdrop::cli {
namespace {

struct Plane {
  int width;  // of values
  int height;
};

// Values of kBytes bytes go from each (x, y) to where `orientation` puts them.
template <std::size_t kBytes>
void turn_plane(const std::uint8_t* from, std::ptrdiff_t from_stride, std::uint8_t* to,
                std::ptrdiff_t to_stride, const Plane& size, const Orientation& orientation) {
  constexpr auto kStep = static_cast<std::ptrdiff_t>(kBytes);
  const bool swaps = orientation.swaps_sides();
  const bool flips_x = (orientation.rotation == 180 || orientation.rotation == 270);
  const bool flips_y = (orientation.rotation == 90 || orientation.rotation == 180);
  const int out_width = swaps ? size.height : size.width;
  const int out_height = swaps ? size.width : size.height;
  if (kBytes == 1 && !swaps) {
    const bool is_mirrored = flips_x != orientation.is_mirrored;
    for (int y = 0; y < size.height; ++y) {
      const std::uint8_t* row = from + (flips_y ? size.height - 1 - y : y) * from_stride;
      if (is_mirrored) {
        std::reverse_copy(row, row + size.width, to + y * to_stride);
      } else {
        std::copy_n(row, size.width, to + y * to_stride);
      }
    }
    return;
  }
  // The place of the output's point (0, 0), and the ways to its neighbours.
  for (int y = 0; y < out_height; ++y) {
    for (int x = 0; x < out_width; ++x) {
      const int seen_x = orientation.is_mirrored ? out_width - 1 - x : x;
      int source_x = swaps ? y : seen_x;
      int source_y = swaps ? seen_x : y;
      if (flips_x) source_x = size.width - 1 - source_x;
      if (flips_y) source_y = size.height - 1 - source_y;
      std::memcpy(to + y * to_stride + x * kStep, from + source_y * from_stride + source_x * kStep,
                  kBytes);
    }
  }
}

using TurnPlane = void (*)(const std::uint8_t*, std::ptrdiff_t, std::uint8_t*, std::ptrdiff_t,
                           const Plane&, const Orientation&);

TurnPlane turn_plane_of(int bytes) {
  switch (bytes) {
    case 1:
      return turn_plane<1>;
    case 2:
      return turn_plane<2>;
    case 3:
      return turn_plane<3>;
    case 4:
      return turn_plane<4>;
    case 6:
      return turn_plane<6>;
    default:
      return turn_plane<8>;
  }
}

}  // namespace

std::optional<Orientation> orientation_of(std::span<const std::uint8_t> matrix) {
  std::array<std::int32_t, 9> values{};
  if (matrix.size() < sizeof values) return Orientation{};
  std::memcpy(values.data(), matrix.data(), sizeof values);
  const auto sign = [&](std::size_t i) { return (values[i] > 0) - (values[i] < 0); };
  const std::array<int, 4> seen = {sign(0), sign(1), sign(3), sign(4)};
  for (const bool is_mirrored : {false, true}) {
    const int x = is_mirrored ? -1 : 1;
    const std::array<std::array<int, 4>, 4> turns = {
        {{x, 0, 0, 1}, {0, 1, -x, 0}, {-x, 0, 0, -1}, {0, -1, x, 0}}};
    for (std::size_t quarter = 0; quarter < turns.size(); ++quarter) {
      if (turns[quarter] == seen) return Orientation{static_cast<int>(quarter) * 90, is_mirrored};
    }
  }
  return std::nullopt;
}

FramePtr turned(const AVFrame& frame, const Orientation& orientation) {
  if (orientation.is_upright()) return share(frame);
  const bool swaps = orientation.swaps_sides();
  const auto format = static_cast<AVPixelFormat>(frame.format);
  const AVPixFmtDescriptor& pixels = *av_pix_fmt_desc_get(format);
  FramePtr out =
      make_frame(format, swaps ? frame.height : frame.width, swaps ? frame.width : frame.height);
  check_av(av_frame_copy_props(out.get(), &frame));
  if (swaps && frame.sample_aspect_ratio.num > 0) {
    out->sample_aspect_ratio = {frame.sample_aspect_ratio.den, frame.sample_aspect_ratio.num};
  }
  for (int plane = 0; plane < av_pix_fmt_count_planes(format); ++plane) {
    const bool is_chroma = plane == 1 || plane == 2;
    const auto shrunk = [&](int size, int shift) { return is_chroma ? -(-size >> shift) : size; };
    const Plane size{shrunk(frame.width, pixels.log2_chroma_w),
                     shrunk(frame.height, pixels.log2_chroma_h)};
    int bytes = 0;
    for (int c = 0; c < pixels.nb_components; ++c) {
      if (pixels.comp[c].plane == plane) bytes = pixels.comp[c].step;
    }
    turn_plane_of(bytes)(frame.data[plane], frame.linesize[plane], out->data[plane],
                         out->linesize[plane], size, orientation);
  }
  return out;
}

}  // namespace backdrop::cli
