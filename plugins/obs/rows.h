// Rows of a frame of any of OBS's 8-bit formats as BGRA.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace backdrop::obs {

class Frame;

// A row's samples, each of the row's width.
struct YuvaRow {
  explicit YuvaRow(std::size_t width) : y(width), u(width), v(width), a(width, 255) {}
  std::vector<std::uint8_t> y, u, v, a;
};

// Row `y` of a frame of YUV or grey; chroma is that of the nearest sample.
void read_yuv_row(const Frame& frame, std::size_t y, YuvaRow& row);

// Row `y` of a frame of RGB, which may have no alpha.
void read_rgb_row(const Frame& frame, std::size_t y, std::uint8_t* bgra);

void write_grey_row(const YuvaRow& row, std::uint8_t* bgra);

// Makes 0 to 255 of colours of 16 to 235.
void expand_range(std::uint8_t* bgra, std::size_t width);

// OBS's matrix in integers.
class RowColors {
 public:
  RowColors(const std::array<float, 16>& matrix, const std::array<float, 3>& least,
            const std::array<float, 3>& most);

  void write_bgra(const YuvaRow& row, std::uint8_t* bgra) const;

 private:
  std::array<std::array<int, 4>, 3> factors_{};  // rows of R, G, B, times 1 << kBits
  std::array<int, 3> least_{}, most_{};
};

}  // namespace backdrop::obs
