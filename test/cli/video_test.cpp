// Parts of the command line's video that no file shows.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include "bounded_queue.h"
#include "failure.h"
#include "last_good_frame.h"
#include "orientation.h"

namespace backdrop::cli {
namespace {

FramePtr grey(int width, int height, std::uint8_t value, std::int64_t time) {
  FramePtr frame = make_frame(AV_PIX_FMT_GRAY8, width, height);
  for (int y = 0; y < height; ++y) {
    std::memset(frame->data[0] + std::ptrdiff_t{y} * frame->linesize[0], value,
                static_cast<std::size_t>(width));
  }
  frame->pts = time;
  return frame;
}

FramePtr fail(const AVFrame& /*frame*/) { throw Failure("no reason"); }

TEST(LastGoodFrame, IsShownForAFrameThatCanNotBeProcessed) {
  LastGoodFrame frames;
  const auto white = [](const AVFrame& frame) { return grey(8, 8, 255, frame.pts); };
  frames.process(*grey(8, 8, 10, 0), white);
  const FramePtr shown = frames.process(*grey(8, 8, 20, 1), fail);
  EXPECT_EQ(shown->data[0][0], 255);
  EXPECT_EQ(shown->pts, 1);
  EXPECT_EQ(frames.failures(), 1);
  EXPECT_EQ(frames.reason(), "no reason");
}

TEST(LastGoodFrame, IsNotThereForTheFirstFrame) {
  LastGoodFrame frames;
  EXPECT_THROW(frames.process(*grey(8, 8, 10, 0), fail), Failure);
}

TEST(LastGoodFrame, IsNotShownForEver) {
  LastGoodFrame frames;
  frames.process(*grey(8, 8, 10, 0), [](const AVFrame& frame) { return share(frame); });
  const auto go_on = [&] {
    for (int i = 1; i <= 1000; ++i) frames.process(*grey(8, 8, 10, i), fail);
  };
  EXPECT_THROW(go_on(), Failure);
}

TEST(Orientation, TurnsAsItsMatrixSays) {
  for (const bool is_mirrored : {false, true}) {
    for (const int rotation : {0, 90, 180, 270}) {
      const Orientation orientation{rotation, is_mirrored};
      const FramePtr frame = grey(5, 3, 0, 0);
      frame->data[0][0] = 255;  // the corner at the top left
      const FramePtr out = turned(*frame, orientation);
      const bool swaps = orientation.swaps_sides();
      EXPECT_EQ(out->width, swaps ? 3 : 5);
      const bool is_right = (rotation == 90 || rotation == 180) != is_mirrored;
      const bool is_below = rotation == 180 || rotation == 270;
      const int x = is_right ? out->width - 1 : 0;
      const int y = is_below ? out->height - 1 : 0;
      EXPECT_EQ(out->data[0][y * out->linesize[0] + x], 255) << rotation << is_mirrored;
      const std::int32_t turn[4][4] = {{1, 0, 0, 1}, {0, 1, -1, 0}, {-1, 0, 0, -1}, {0, -1, 1, 0}};
      const std::int32_t* m = turn[rotation / 90];
      const std::int32_t mirror = is_mirrored ? -1 : 1;
      const std::int32_t matrix[9] = {
          m[0] * mirror << 16, m[1] << 16, 0, m[2] * mirror << 16, m[3] << 16, 0, 7, 9, 1 << 30};
      std::vector<std::uint8_t> bytes(sizeof matrix);
      std::memcpy(bytes.data(), matrix, sizeof matrix);
      EXPECT_EQ(orientation_of(bytes), orientation);
    }
  }
}

TEST(BoundedQueue, KeepsTheOrderAndEndsBothWays) {
  BoundedQueue<int> queue(2);
  std::vector<int> taken;
  std::thread taker([&] {
    while (const std::optional<int> item = queue.pop()) taken.push_back(*item);
  });
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(queue.push(i));
  queue.finish();
  taker.join();
  ASSERT_EQ(taken.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(taken[static_cast<std::size_t>(i)], i);

  BoundedQueue<int> unwanted(1);
  unwanted.push(1);
  unwanted.abandon();
  EXPECT_FALSE(unwanted.push(2));
  EXPECT_FALSE(unwanted.pop());
}

}  // namespace
}  // namespace backdrop::cli
