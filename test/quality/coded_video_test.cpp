// Video compression by ffmpeg.
#include "coded_video.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "drawing.h"
#include "failure.h"

namespace backdrop::quality::test {
namespace {

constexpr VideoFormat kFormat{.width = 64, .height = 48, .fps = 10};

class CodedVideoTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v ffmpeg >/dev/null") != 0) GTEST_SKIP() << "ffmpeg is not installed";
  }
};

cli::Picture frame_of(int number) {
  return to_picture(
      Image(kFormat.width, kFormat.height, 3, 40.0F + 20.0F * static_cast<float>(number)));
}

TEST_F(CodedVideoTest, GivesTheFramesInTheirOrder) {
  CodedVideo video("-c:v mjpeg -q:v 3", kFormat, 5, frame_of);
  for (int number = 0; number < 5; ++number) {
    EXPECT_NEAR(video.next().rgba[0], frame_of(number).rgba[0], 4) << number;
  }
  EXPECT_THROW(video.next(), cli::Failure);
}

TEST_F(CodedVideoTest, LosesWhatTheCodecLoses) {
  const cli::Picture drawn = to_picture(drawn_room(kFormat.width, kFormat.height, 3, 200));
  const auto error_of = [&](const char* codec) {
    CodedVideo video(codec, kFormat, 1, [&](int) { return drawn; });
    const cli::Picture decoded = video.next();
    double sum = 0;
    for (std::size_t i = 0; i < drawn.rgba.size(); ++i) {
      sum += std::abs(drawn.rgba[i] - decoded.rgba[i]);
    }
    return sum / static_cast<double>(drawn.rgba.size());
  };
  EXPECT_GT(error_of("-c:v mjpeg -q:v 30"), 1.5 * error_of("-c:v mjpeg -q:v 2"));
}

TEST_F(CodedVideoTest, FailsWithAnEncoderThatThereIsNot) {
  EXPECT_THROW(CodedVideo("-c:v none-such -loglevel quiet", kFormat, 5, frame_of), cli::Failure);
}

}  // namespace
}  // namespace backdrop::quality::test
