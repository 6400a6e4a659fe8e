#include "rows.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "frame.h"

namespace backdrop::obs {
namespace {

// A sample times 1 << kSampleBits and a factor times 1 << kFactorBits have a product whose upper 16
// bits are in 1 / (1 << kResultBits).
constexpr int kSampleBits = 7;
constexpr int kFactorBits = 12;
constexpr int kResultBits = kSampleBits + kFactorBits - 16;

// Compilers make vectors of these loops, as nothing that is written is read.

// Doubles each sample of half a row.
void double_samples(const std::uint8_t* __restrict from, std::size_t count,
                    std::uint8_t* __restrict to) {
  for (std::size_t i = 0; i < count; ++i) {
    to[2 * i] = from[i];
    to[2 * i + 1] = from[i];
  }
}

void clamp_samples(std::vector<std::uint8_t>& samples, std::uint8_t least, std::uint8_t most) {
  for (std::uint8_t& sample : samples) sample = std::min(std::max(sample, least), most);
}

void interleave(const std::uint8_t* blue, const std::uint8_t* green, const std::uint8_t* red,
                const std::uint8_t* alpha, std::size_t width, std::uint8_t* __restrict bgra) {
  for (std::size_t x = 0; x < width; ++x) {
    const std::uint32_t pixel = std::uint32_t{blue[x]} | std::uint32_t{green[x]} << 8 |
                                std::uint32_t{red[x]} << 16 | std::uint32_t{alpha[x]} << 24;
    std::memcpy(bgra + 4 * x, &pixel, sizeof pixel);
  }
}

// Each pair of bytes of `from` goes to two pixels.
void double_pairs(const std::uint8_t* __restrict from, std::size_t count,
                  std::uint8_t* __restrict first, std::uint8_t* __restrict second) {
  for (std::size_t i = 0; i < count; ++i) {
    first[2 * i] = from[2 * i];
    first[2 * i + 1] = from[2 * i];
    second[2 * i] = from[2 * i + 1];
    second[2 * i + 1] = from[2 * i + 1];
  }
}

// Four bytes are two pixels; `y`, `u` and `v` are the places of the first ones.
void unpack_422(const std::uint8_t* from, std::size_t y, std::size_t u, std::size_t v,
                YuvaRow& row) {
  for (std::size_t i = 0; i < row.y.size() / 2; ++i) {
    const std::uint8_t* group = from + 4 * i;
    row.y[2 * i] = group[y];
    row.y[2 * i + 1] = group[y + 2];
    row.u[2 * i] = row.u[2 * i + 1] = group[u];
    row.v[2 * i] = row.v[2 * i + 1] = group[v];
  }
}

void unpack_ayuv(const std::uint8_t* from, std::size_t width, YuvaRow& row) {
  for (std::size_t x = 0; x < width; ++x) {  // in memory: V, U, Y, A
    row.v[x] = from[4 * x];
    row.u[x] = from[4 * x + 1];
    row.y[x] = from[4 * x + 2];
    row.a[x] = from[4 * x + 3];
  }
}

void read_planar_row(const Frame& frame, std::size_t y, YuvaRow& row) {
  const auto width = static_cast<std::size_t>(frame.width());
  std::copy_n(frame.plane(0) + y * frame.row_bytes(0), width, row.y.begin());
  if (frame.plane_count() < 2) return;
  const bool half_rows = frame.format() == VIDEO_FORMAT_I420 ||
                         frame.format() == VIDEO_FORMAT_NV12 || frame.format() == VIDEO_FORMAT_I40A;
  const std::size_t chroma_y = half_rows ? y / 2 : y;
  const std::uint8_t* u = frame.plane(1) + chroma_y * frame.row_bytes(1);
  if (frame.format() == VIDEO_FORMAT_NV12) {
    return double_pairs(u, row.u.size() / 2, row.u.data(), row.v.data());
  }
  const std::uint8_t* v = frame.plane(2) + chroma_y * frame.row_bytes(2);
  const bool is_full = frame.format() == VIDEO_FORMAT_I444 || frame.format() == VIDEO_FORMAT_YUVA;
  if (is_full) {
    std::copy_n(u, width, row.u.begin());
    std::copy_n(v, width, row.v.begin());
  } else {
    double_samples(u, row.u.size() / 2, row.u.data());
    double_samples(v, row.v.size() / 2, row.v.data());
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
      return unpack_ayuv(packed, static_cast<std::size_t>(frame.width()), row);
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

void write_grey_row(const YuvaRow& row, std::size_t width, std::uint8_t* bgra) {
  for (std::size_t x = 0; x < width; ++x) {
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
  constexpr float kLargest = 7.9f;  // of a factor: it has 16 bits
  const auto fixed = [&](float value, float one) {
    return static_cast<std::int16_t>(std::lround(std::clamp(value, -kLargest, kLargest) * one));
  };
  constexpr float kFactorOne = 1 << kFactorBits;
  constexpr float kResultOne = 255 * (1 << kResultBits);
  for (std::size_t i = 0; i < 3; ++i) {
    const float* row = matrix.data() + 4 * i;
    channels_[i] = {fixed(row[0], kFactorOne), fixed(row[1], kFactorOne), fixed(row[2], kFactorOne),
                    fixed(row[3], kResultOne)};
    least_[i] = to_byte(static_cast<int>(std::lround(std::clamp(least[i], 0.0f, 1.0f) * 255)));
    most_[i] = to_byte(static_cast<int>(std::lround(std::clamp(most[i], 0.0f, 1.0f) * 255)));
    most_[i] = std::max(most_[i], least_[i]);
  }
}

void RowColors::write_bgra(YuvaRow& row, std::size_t width, std::uint8_t* bgra) const {
  std::vector<std::uint8_t>* const samples[] = {&row.y, &row.u, &row.v};
  for (std::size_t i = 0; i < 3; ++i) {
    clamp_samples(*samples[i], least_[i], most_[i]);
    planes_[i].resize(row.y.size());
  }
  for (std::size_t i = 0; i < 3; ++i) write_channel(row, channels_[i], planes_[i].data());
  interleave(planes_[2].data(), planes_[1].data(), planes_[0].data(), row.a.data(), width, bgra);
}

void RowColors::write_channel(const YuvaRow& row, Factors factors, std::uint8_t* __restrict to) {
  const auto product = [](std::uint8_t sample, std::int16_t factor) {
    const auto shifted = static_cast<std::int16_t>(sample << kSampleBits);
    return static_cast<std::int16_t>((shifted * factor) >> 16);
  };
  constexpr int kRounding = 1 << (kResultBits - 1);
  const std::uint8_t *y = row.y.data(), *u = row.u.data(), *v = row.v.data();
  const std::size_t count = row.y.size();
  for (std::size_t x = 0; x < count; ++x) {
    const auto sum =
        static_cast<std::int16_t>(product(y[x], factors.y) + product(u[x], factors.u) +
                                  product(v[x], factors.v) + factors.constant + kRounding);
    const auto value = static_cast<std::int16_t>(sum >> kResultBits);
    to[x] = static_cast<std::uint8_t>(std::clamp<std::int16_t>(value, 0, 255));
  }
}

}  // namespace backdrop::obs
