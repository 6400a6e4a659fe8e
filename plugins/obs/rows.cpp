#include "rows.h"

#include <algorithm>
#include <cmath>

#include "frame.h"

namespace backdrop::obs {
namespace {

constexpr int kBits = 14;

// Four bytes are two pixels; `y`, `u` and `v` are the places of the first ones.
void unpack_422(const std::uint8_t* from, std::size_t y, std::size_t u, std::size_t v,
                YuvaRow& row) {
  for (std::size_t x = 0; x < row.y.size(); ++x) {
    const std::uint8_t* group = from + x / 2 * 4;
    row.y[x] = group[y + x % 2 * 2];
    row.u[x] = group[u];
    row.v[x] = group[v];
  }
}

void unpack_ayuv(const std::uint8_t* from, YuvaRow& row) {  // in memory: V, U, Y, A
  for (std::size_t x = 0; x < row.y.size(); ++x) {
    row.v[x] = from[4 * x];
    row.u[x] = from[4 * x + 1];
    row.y[x] = from[4 * x + 2];
    row.a[x] = from[4 * x + 3];
  }
}

void read_planar_row(const Frame& frame, std::size_t y, YuvaRow& row) {
  const std::size_t width = row.y.size();
  std::copy_n(frame.plane(0) + y * frame.row_bytes(0), width, row.y.begin());
  if (frame.plane_count() < 2) return;
  const bool half_rows = frame.format() == VIDEO_FORMAT_I420 ||
                         frame.format() == VIDEO_FORMAT_NV12 || frame.format() == VIDEO_FORMAT_I40A;
  const std::size_t chroma_y = half_rows ? y / 2 : y;
  const std::uint8_t* u = frame.plane(1) + chroma_y * frame.row_bytes(1);
  if (frame.format() == VIDEO_FORMAT_NV12) {
    for (std::size_t x = 0; x < width; ++x) {
      row.u[x] = u[x / 2 * 2];
      row.v[x] = u[x / 2 * 2 + 1];
    }
    return;
  }
  const std::uint8_t* v = frame.plane(2) + chroma_y * frame.row_bytes(2);
  const std::size_t step = frame.row_bytes(1) < width ? 2 : 1;
  for (std::size_t x = 0; x < width; ++x) {
    row.u[x] = u[x / step];
    row.v[x] = v[x / step];
  }
  if (frame.plane_count() > 3) {
    std::copy_n(frame.plane(3) + y * frame.row_bytes(3), width, row.a.begin());
  }
}

std::uint8_t to_byte(int value) { return static_cast<std::uint8_t>(std::clamp(value, 0, 255)); }

}  // namespace

void read_yuv_row(const Frame& frame, std::size_t y, YuvaRow& row) {
  const std::uint8_t* packed = frame.plane(0) + y * frame.row_bytes(0);
  switch (frame.format()) {
    case VIDEO_FORMAT_YUY2:
      return unpack_422(packed, 0, 1, 3, row);
    case VIDEO_FORMAT_YVYU:
      return unpack_422(packed, 0, 3, 1, row);
    case VIDEO_FORMAT_UYVY:
      return unpack_422(packed, 1, 0, 2, row);
    case VIDEO_FORMAT_AYUV:
      return unpack_ayuv(packed, row);
    default:
      return read_planar_row(frame, y, row);
  }
}

void read_rgb_row(const Frame& frame, std::size_t y, std::uint8_t* bgra) {
  const std::uint8_t* from = frame.plane(0) + y * frame.row_bytes(0);
  const bool has_alpha = frame.format() == VIDEO_FORMAT_RGBA || frame.format() == VIDEO_FORMAT_BGRA;
  const bool red_first = frame.format() == VIDEO_FORMAT_RGBA;
  const std::size_t step = frame.format() == VIDEO_FORMAT_BGR3 ? 3 : 4;
  for (std::size_t x = 0; x < static_cast<std::size_t>(frame.width()); ++x) {
    bgra[4 * x] = from[step * x + (red_first ? 2 : 0)];
    bgra[4 * x + 1] = from[step * x + 1];
    bgra[4 * x + 2] = from[step * x + (red_first ? 0 : 2)];
    bgra[4 * x + 3] = has_alpha ? from[step * x + 3] : std::uint8_t{255};
  }
}

void write_grey_row(const YuvaRow& row, std::uint8_t* bgra) {
  for (std::size_t x = 0; x < row.y.size(); ++x) {
    std::fill_n(bgra + 4 * x, 3, row.y[x]);
    bgra[4 * x + 3] = 255;
  }
}

void expand_range(std::uint8_t* bgra, std::size_t width) {
  for (std::size_t i = 0; i < 4 * width; ++i) {
    if (i % 4 != 3) bgra[i] = to_byte(((bgra[i] - 16) * 255 + 109) / 219);
  }
}

RowColors::RowColors(const std::array<float, 16>& matrix, const std::array<float, 3>& least,
                     const std::array<float, 3>& most) {
  constexpr float kOne = 1 << kBits;
  constexpr float kLargest = 16;  // keeps the sum of a row within 32 bits
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 4; ++j) {
      const float value = std::clamp(matrix[4 * i + j], -kLargest, kLargest);
      factors_[i][j] = static_cast<int>(std::lround(value * kOne * (j == 3 ? 255.0f : 1.0f)));
    }
    factors_[i][3] += 1 << (kBits - 1);
    least_[i] = static_cast<int>(std::lround(std::clamp(least[i], 0.0f, 1.0f) * 255));
    most_[i] = static_cast<int>(std::lround(std::clamp(most[i], 0.0f, 1.0f) * 255));
    most_[i] = std::max(most_[i], least_[i]);
  }
}

void RowColors::write_bgra(const YuvaRow& row, std::uint8_t* bgra) const {
  for (std::size_t x = 0; x < row.y.size(); ++x) {
    const int y = std::clamp<int>(row.y[x], least_[0], most_[0]);
    const int u = std::clamp<int>(row.u[x], least_[1], most_[1]);
    const int v = std::clamp<int>(row.v[x], least_[2], most_[2]);
    for (std::size_t i = 0; i < 3; ++i) {
      const auto& f = factors_[2 - i];
      bgra[4 * x + i] = to_byte((f[0] * y + f[1] * u + f[2] * v + f[3]) >> kBits);
    }
    bgra[4 * x + 3] = row.a[x];
  }
}

}  // namespace backdrop::obs
