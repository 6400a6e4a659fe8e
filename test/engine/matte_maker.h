// Mattes of which a test knows every pixel.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "render/cpu/matte.h"
#include "test_picture.h"

namespace backdrop::test {

// A matte of a frame's own size with a probability for each pixel.
inline Matte make_matte(const TestPicture& picture, Executor& executor,
                        const std::function<double(int, int)>& probability) {
  const Frame& frame = picture.frame();
  Matte matte;
  EXPECT_TRUE(matte.prepare(frame.width, frame.height, frame.format, frame.width, frame.height,
                            false, executor));
  std::vector<float> mask;
  for (int y = 0; y < frame.height; ++y) {
    for (int x = 0; x < frame.width; ++x) mask.push_back(static_cast<float>(probability(x, y)));
  }
  matte.render(mask, {0, 1}, executor);
  return matte;
}

}  // namespace backdrop::test
