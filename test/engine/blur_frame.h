// Runs a blur of the background as CpuRenderer does.
#pragma once

#include <gtest/gtest.h>

#include "render/cpu/background_blur.h"
#include "test_picture.h"

namespace backdrop::test {

inline void blur_frame(BackgroundBlur& blur, const TestPicture& in, Matte& matte,
                       const KnownRoom& room, Executor& executor) {
  HalfPicture half;
  EXPECT_TRUE(half.prepare(in.frame().width, in.frame().height, executor));
  half.shrink(in.view(), executor);
  if (!half.is_opaque()) matte.limit(in.view(), executor);
  blur.run(half, matte, room, executor);
}

}  // namespace backdrop::test
