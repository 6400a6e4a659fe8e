// An engine, and frames of people who are boxes.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "backdrop/backdrop.h"
#include "person_network.h"
#include "test_picture.h"

namespace backdrop::test {

inline constexpr int kWidth = 640, kHeight = 360;

struct Box {
  int left, top, right, bottom;
  bool has(int x, int y) const { return x >= left && x < right && y >= top && y < bottom; }
};

class CropEngine {
 public:
  explicit CropEngine(bool crops) : engine_(backdrop_create(1), &backdrop_destroy) {
    const auto model = person_network(64, 64);
    EXPECT_EQ(backdrop_load_model(engine_.get(), model.data(), model.size(), nullptr), BACKDROP_OK);
    EXPECT_EQ(backdrop_set_person_crop(engine_.get(), crops ? 1 : 0), BACKDROP_OK);
    EXPECT_EQ(backdrop_set_steadying(engine_.get(), 0), BACKDROP_OK);
    // The matte tells the mask.
    EXPECT_EQ(backdrop_set_refinement(engine_.get(), BACKDROP_REFINEMENT_NONE,
                                      BACKDROP_SIGMA_SPACE_DEFAULT, BACKDROP_SIGMA_COLOR_DEFAULT),
              BACKDROP_OK);
  }

  backdrop_engine* get() const { return engine_.get(); }

  // The matte of a frame in which these boxes are people.
  std::vector<std::uint8_t> matte(const std::vector<Box>& people, int width = kWidth,
                                  int height = kHeight, int rotation = 0, bool flip = false) {
    TestPicture picture(PixelFormat::kRgba, width, height);
    for (int y = 0; y < height; ++y) draw_row(people, y, width, picture.frame().row(0, y));
    backdrop_image image{};
    image.width = width;
    image.height = height;
    image.rotation = rotation;
    image.flip = flip ? 1 : 0;
    image.planes[0] = picture.frame().planes[0];
    image.strides[0] = static_cast<std::int32_t>(picture.frame().strides[0]);
    EXPECT_EQ(backdrop_process(get(), &image, &image), BACKDROP_OK) << backdrop_last_error(get());
    std::vector<std::uint8_t> alpha(static_cast<std::size_t>(width * height));
    EXPECT_EQ(backdrop_get_matte(get(), width, height, alpha.data(), width), BACKDROP_OK);
    return alpha;
  }

 private:
  // People are red, the room is blue.
  static void draw_row(const std::vector<Box>& people, int y, int width, std::uint8_t* row) {
    std::fill_n(row, 4 * width, std::uint8_t{0});
    for (int x = 0; x < width; ++x) row[4 * x + 2] = row[4 * x + 3] = 255;
    for (const Box& box : people) {
      if (y < box.top || y >= box.bottom) continue;
      for (int x = std::max(box.left, 0); x < std::min(box.right, width); ++x) {
        row[4 * x] = 255;
        row[4 * x + 2] = 0;
      }
    }
  }

  std::unique_ptr<backdrop_engine, decltype(&backdrop_destroy)> engine_;
};

}  // namespace backdrop::test
