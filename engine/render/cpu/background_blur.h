// The frame's background blurred, without the person in it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "render/cpu/box_blur.h"
#include "render/cpu/compositor.h"
#include "render/cpu/half_picture.h"
#include "render/cpu/known_room.h"
#include "base/buffer.h"
#include "image/interpolation.h"

namespace backdrop {

// Normalized convolution (Knutsson, Westin, "Normalized and Differential Convolution", CVPR 1993):
// each pixel is weighted by how much of it is background, so that no colour of the person gets into
// the blur. The frame, which comes at half of its size, is shrunk by a power of two that leaves a
// standard deviation of at least 1.5 pixels; blurred as 4 floats a pixel (three colours times the
// weight, and the weight); divided by the weight; and enlarged row by row while it is composited:
// along x by repeated doubling (quadratic B-spline), along y by one doubling, then linearly. Where
// the room is known, it takes the frame's place in small pixels that are not all background: the
// frame's colours are missing there, or mixed with the person's.
class BackgroundBlur final : public BackgroundSource {
 public:
  // Prepares for frames of one format and size and a standard deviation of `sigma` pixels. False
  // without memory.
  [[nodiscard]] bool prepare(PixelFormat format, int width, int height, double sigma,
                             const Executor& executor);

  // Blurs the background of a frame that was halved, with the room that is known of it. Allocates
  // nothing.
  void run(const HalfPicture& half, const Matte& matte, const KnownRoom& room, Executor& executor);

  const std::uint8_t* samples(std::size_t part, int plane, int y, int begin, int end,
                              std::uint8_t* scratch) override;

 private:
  // The two enlarged rows that a row of the frame is between. Found once for all parts of the row.
  struct EnlargedRow {
    RowPair<std::int16_t> pair;
    int y = -1;
    const std::int16_t* first = nullptr;
    const std::int16_t* second = nullptr;
    std::int16_t weight = 0;  // of the second row, in 1/32768
  };

  // Two for each plane, and four of scratch memory.
  static constexpr std::size_t kEnlargedRows = 10;

  // Three colours and the weight.
  static constexpr std::size_t kSums = 4;

  int factor(int plane) const { return factor_ >> plane_traits(format_, plane).subsampling; }
  int end_row(int row) const { return std::min((row + 1) * group_, half_height_); }
  void shrink_row(const HalfPicture& half, const Matte& matte, std::size_t part, int row);
  void fill_row(const KnownRoom& room, std::size_t part, int row);
  void sum_known(const KnownRoom& room, std::size_t part, int row, int begin, int end);
  void add_across(std::size_t part, int columns, int small_columns);
  void normalize_row(int row);
  void find_row(std::size_t part, int plane, int y, EnlargedRow& row);
  void enlarge_row(std::size_t part, int plane, int row, std::int16_t* out);
  void enlarge_channel(int row, int channel, int factor, std::int16_t* out,
                       std::int16_t* work) const;
  const std::int16_t* normalized_row(int row, int channel) const;
  std::array<std::uint16_t*, kSums> sums(std::size_t part);
  std::array<float*, kSums> small_sums(std::size_t part);
  std::int16_t* enlarged_row(std::size_t part, std::size_t index);

  PixelFormat format_ = PixelFormat::kRgba;
  int width_ = 0;
  int half_width_ = 0, half_height_ = 0;
  int factor_ = 2;       // pixels of the frame for a small one, along an axis; a power of two
  int group_ = 1;        // half-size pixels, likewise
  std::size_t row_ = 0;  // samples of an enlarged row, padded
  std::size_t half_row_ = 0;
  std::size_t small_row_ = 0;
  BoxBlur blur_;
  FloatImage small_;
  Buffer<float> small_pixels_;
  Buffer<std::int16_t> normalized_;     // the small picture after the division, planar by rows
  Buffer<std::uint16_t> sums_;          // per thread: kSums rows of half-size pixels
  Buffer<float> small_sums_;            // per thread: kSums small rows
  Buffer<float> work_;                  // per thread: a row of half-size pixels
  Buffer<std::int16_t> enlarged_rows_;  // per thread: kEnlargedRows rows, of up to 4 channels
  std::vector<std::array<EnlargedRow, 3>> rows_;  // per thread: one per plane
};

}  // namespace backdrop
