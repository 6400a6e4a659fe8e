// Rows of a frame of any of OBS's 8-bit formats as BGRA.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace backdrop::obs {

class Frame;

// A row's samples, of the row's width rounded up to even.
struct YuvaRow {
  explicit YuvaRow(std::size_t width)
      : y(width + width % 2), u(y.size()), v(y.size()), a(y.size(), 255) {}
  std::vector<std::uint8_t> y, u, v, a;
};

// Row `y` of a frame of YUV or grey; chroma is that of the nearest sample.
void read_yuv_row(const Frame& frame, std::size_t y, YuvaRow& row);

// Row `y` of a frame of RGB, which may have no alpha.
void read_rgb_row(const Frame& frame, std::size_t y, std::uint8_t* bgra);

void write_grey_row(const YuvaRow& row, std::size_t width, std::uint8_t* bgra);

// Makes 0 to 255 of colours of 16 to 235.
void expand_range(std::uint8_t* bgra, std::size_t width);

// OBS's matrix in integers of 16 bits, of which compilers make vectors.
class RowColors {
 public:
  RowColors(const std::array<float, 16>& matrix, const std::array<float, 3>& least,
            const std::array<float, 3>& most);

  // Uses up the row.
  void write_bgra(YuvaRow& row, std::size_t width, std::uint8_t* bgra) const;

 private:
  struct Factors {
    std::int16_t y, u, v, constant;
  };
  static void write_channel(const YuvaRow& row, Factors factors, std::uint8_t* to);

  std::array<Factors, 3> channels_{};  // R, G, B
  std::array<std::uint8_t, 3> least_{}, most_{};
  mutable std::array<std::vector<std::uint8_t>, 3> planes_;  // of a row
};

}  // namespace backdrop::obs
