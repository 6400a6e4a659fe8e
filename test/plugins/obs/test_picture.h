// A person before a room that no picture without the room has in it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include <obs.h>

namespace backdrop::test {

inline constexpr int kWidth = 640;
inline constexpr int kHeight = 360;

// BGRX: a portrait in the middle, beside it the room, a fine checkerboard of magenta and green,
// which a blur makes grey. None if there is no portrait. Needs libobs to decode it.
std::optional<std::vector<std::uint8_t>> make_picture();

// How many pixels of BGRX, `stride` bytes a row, have the colours of the checkerboard.
int count_room(const std::uint8_t* bgrx, int width, int height, std::uint32_t stride);

// The mean colour of a square of 2 * `radius` pixels, as B, G, R.
struct Color {
  int blue, green, red;
};
Color mean_color(const std::uint8_t* bgrx, std::uint32_t stride, int x, int y, int radius);

// Whether no channel differs by more than `tolerance`.
bool is_near(const Color& a, const Color& b, int tolerance);

// A frame of OBS's in memory of its own, which has the picture, BT.709 in limited range or RGB.
class TestFrame {
 public:
  TestFrame(const std::vector<std::uint8_t>& bgrx, int width, int height, video_format format);
  const obs_source_frame& get() const { return frame_; }
  obs_source_frame& get() { return frame_; }

  // Turns the picture upside down, which the frame says.
  void flip();

 private:
  void write_planes(const std::vector<std::uint8_t>& bgrx, video_format format);

  obs_source_frame frame_{};
  std::vector<std::uint8_t> planes_[4];
};

}  // namespace backdrop::test
