// What is known of the room behind the person: in the blurred background, and taken out of the
// person's colours along the edge.
#include "render/cpu/known_room.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "render/cpu/background_blur.h"
#include "render/cpu/compositor.h"
#include "render/cpu/half_picture.h"
#include "blur_frame.h"
#include "matte_maker.h"
#include "support.h"
#include "test_picture.h"

namespace backdrop::test {
namespace {

struct Size {
  int width, height;
};
const std::vector<Size> kSizes{{131, 77}, {64, 40}, {1, 1}, {3, 1}, {1, 5}, {33, 18}};

// A room that was learned from a picture, known where `counts` says so.
class Room {
 public:
  Room(
      const TestPicture& picture, Executor& executor,
      const std::function<int(int, int)>& counts = [](int, int) { return kKnownCount; }) {
    const Frame& frame = picture.frame();
    const int width = (frame.width + 1) / 2;
    const int height = (frame.height + 1) / 2;
    const std::size_t stride = static_cast<std::size_t>(width) + kKnownPadding;
    HalfPicture half;
    EXPECT_TRUE(half.prepare(frame.width, frame.height, executor));
    half.shrink(picture.view(), executor);
    for (auto& plane : planes_) plane.resize(stride * static_cast<std::size_t>(height));
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const std::size_t at = stride * static_cast<std::size_t>(y) + static_cast<std::size_t>(x);
        for (std::size_t c = 0; c < 3; ++c) {
          planes_[c][at] = static_cast<std::int16_t>(kRoomUnit * half.row(c, y)[x]);
        }
        planes_[3][at] = static_cast<std::int16_t>(counts(x, y));
      }
    }
    known_ = {.colors = {planes_[0].data(), planes_[1].data(), planes_[2].data()},
              .counts = planes_[3].data(),
              .stride = static_cast<std::ptrdiff_t>(stride),
              .trust = 1};
  }

  KnownRoom known(float trust = 1) const {
    KnownRoom room = known_;
    room.trust = trust;
    return room;
  }

 private:
  std::array<std::vector<std::int16_t>, 4> planes_;
  KnownRoom known_;
};

// An opaque picture of smooth waves.
TestPicture draw_room(PixelFormat format, const Size& size) {
  TestPicture picture(format, size.width, size.height, 3);
  picture.fill([&](int plane, int x, int y, int c) {
    if (c == 3) return 255;
    const int scale = 1 << plane_traits(format, plane).subsampling;
    const double wave = std::sin(x * scale * 0.05 + plane + c) * std::cos(y * scale * 0.04);
    return static_cast<int>(std::lround(128 + 90 * wave));
  });
  return picture;
}

// A person of loud colours before a picture.
TestPicture with_person(const TestPicture& behind, const Matte& matte) {
  TestPicture picture(behind.frame().format, behind.frame().width, behind.frame().height, 5);
  picture.fill([&](int plane, int x, int y, int c) -> int {
    if (matte.plane(plane).row(y)[x] > 0 && c < 3) return (x + y + c) % 2 * 255;
    return behind.frame().row(plane, y)[x * behind.samples_per_pixel(plane) + c];
  });
  return picture;
}

// The blurred background itself.
TestPicture blur_of(const TestPicture& in, Matte& matte, double sigma, const KnownRoom& room,
                    Executor& executor) {
  const Frame& frame = in.frame();
  BackgroundBlur blur;
  EXPECT_TRUE(blur.prepare(frame.format, frame.width, frame.height, sigma, executor));
  blur_frame(blur, in, matte, room, executor);
  TestPicture out(frame.format, frame.width, frame.height);
  std::vector<std::uint8_t> scratch(4 * static_cast<std::size_t>(frame.width));
  for (int plane = 0; plane < out.planes(); ++plane) {
    for (int y = 0; y < out.plane_height(plane); ++y) {
      const std::uint8_t* const row =
          blur.samples(0, plane, y, 0, out.plane_width(plane), scratch.data());
      std::copy_n(row, out.row_samples(plane), out.frame().row(plane, y));
    }
  }
  return out;
}

bool in_circle(const Size& size, int x, int y) {
  return std::hypot(x - 0.5 * size.width, y - 0.6 * size.height) < 0.3 * size.height + 1;
}

constexpr double kSigmas[] = {0.5, 4, 7, 13, 80};

TEST(KnownRoom, FillsTheBlurBehindThePerson) {
  for (const PixelFormat format : kKernelFormats) {
    for (const Size& size : kSizes) {
      for (const double sigma : kSigmas) {
        for (const std::size_t threads : {1U, 3U}) {
          PartsExecutor executor(threads);
          const TestPicture behind = draw_room(format, size);
          const Room room(behind, executor);
          Matte matte =
              make_matte(behind, executor, [&](int x, int y) { return in_circle(size, x, y); });
          Matte nobody = make_matte(behind, executor, [](int, int) { return false; });
          const TestPicture in = with_person(behind, matte);
          const TestPicture truth = blur_of(behind, nobody, sigma, {}, executor);
          EXPECT_LE(blur_of(in, matte, sigma, room.known(), executor).difference(truth), 2)
              << "format " << static_cast<int>(format) << ", " << size.width << "x" << size.height
              << ", sigma " << sigma << ", " << threads << " threads";
        }
      }
    }
  }
}

TEST(KnownRoom, ChangesNothingWhereItIsUnknown) {
  PartsExecutor executor(2);
  for (const PixelFormat format : kKernelFormats) {
    for (const Size& size : kSizes) {
      const TestPicture in = with_person(
          draw_room(format, size),
          make_matte(draw_room(format, size), executor, [](int x, int) { return x > 20; }));
      const auto is_person = [&](int x, int y) { return in_circle(size, x, y); };
      Matte matte = make_matte(in, executor, is_person);
      const TestPicture expected = blur_of(in, matte, 6, {}, executor);
      const Room unknown(in, executor, [](int, int) { return kKnownCount - 1; });
      EXPECT_EQ(blur_of(in, matte, 6, unknown.known(), executor).difference(expected), 0);
      const Room known(in, executor);
      EXPECT_EQ(blur_of(in, matte, 6, known.known(0), executor).difference(expected), 0);
      Matte nobody = make_matte(in, executor, [](int, int) { return false; });
      const Room other(draw_room(format, size), executor);
      EXPECT_EQ(blur_of(in, nobody, 6, other.known(), executor)
                    .difference(blur_of(in, nobody, 6, {}, executor)),
                0)
          << "nobody is there";
    }
  }
}

// Half of the circle is known: the blur is nearer to the truth than without, and trust decides how
// much.
TEST(KnownRoom, FillsAsFarAsItIsKnownAndTrusted) {
  SerialExecutor executor;
  const Size size{160, 120};
  for (const PixelFormat format : kKernelFormats) {
    const TestPicture behind = draw_room(format, size);
    Matte matte = make_matte(behind, executor, [&](int x, int y) { return in_circle(size, x, y); });
    Matte nobody = make_matte(behind, executor, [](int, int) { return false; });
    const TestPicture in = with_person(behind, matte);
    const TestPicture truth = blur_of(behind, nobody, 8, {}, executor);
    const auto error = [&](const Room& room, float trust) {
      const TestPicture got = blur_of(in, matte, 8, room.known(trust), executor);
      double sum = 0;
      for (int y = 0; y < size.height; ++y) {
        for (int x = 0; x < size.width; ++x) {
          const int at = x * in.samples_per_pixel(0);
          sum += std::abs(got.frame().row(0, y)[at] - truth.frame().row(0, y)[at]);
        }
      }
      return sum;
    };
    const Room half(behind, executor, [](int x, int) { return x < 40 ? 60 : 0; });
    const Room whole(behind, executor);
    const double none = error(whole, 0);
    EXPECT_LT(error(half, 1), 0.8 * none);
    EXPECT_LT(error(whole, 0.25F), 0.9 * none);
    EXPECT_LT(error(whole, 1), 0.5 * error(whole, 0.25F));
  }
}

TEST(KnownRoom, SumsRowsOfWhatIsKnown) {
  constexpr std::ptrdiff_t kStride = 160;
  std::mt19937 random(5);
  std::array<std::vector<std::int16_t>, 4> planes;
  for (auto& plane : planes) plane.resize(kMostKnownRows * kStride);
  for (std::size_t i = 0; i < planes[0].size(); ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      const int most = 255 * kRoomUnit;
      planes[c][i] = static_cast<std::int16_t>(c == 0 ? most : static_cast<int>(random()) & 16383);
    }
    planes[3][i] = static_cast<std::int16_t>(i % 160 < 30 ? 60 : static_cast<int>(random() % 9));
  }
  const KnownRoom room{.colors = {planes[0].data(), planes[1].data(), planes[2].data()},
                       .counts = planes[3].data(),
                       .stride = kStride,
                       .trust = 1};
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    for (const int rows : {1, 3, kMostKnownRows}) {
      for (const std::size_t n : {1U, 7U, 16U, 33U, 144U}) {
        std::array<std::vector<std::uint16_t>, 4> sums;
        for (auto& sum : sums) sum.resize(n + kKnownPadding);
        sum_known_rows(room, rows, n,
                       {sums[0].data(), sums[1].data(), sums[2].data(), sums[3].data()});
        for (std::size_t x = 0; x < n; ++x) {
          std::array<int, 4> expected{};
          for (std::size_t y = 0; y < static_cast<std::size_t>(rows); ++y) {
            const std::size_t at = y * kStride + x;
            if (planes[3][at] < kKnownCount) continue;
            for (std::size_t c = 0; c < 3; ++c) expected[c] += planes[c][at] / 2;
            ++expected[3];
          }
          for (std::size_t i = 0; i < 4; ++i) ASSERT_EQ(sums[i][x], expected[i]) << i << ", " << x;
        }
      }
    }
  }
  hwy::SetSupportedTargetsForTest(0);
}

// A person of one colour with a soft edge, before a room.
struct SoftPerson {
  static double alpha(const Size& size, int x, int y) {
    const double inside =
        0.3 * size.height - std::hypot(x - 0.5 * size.width, y - 0.5 * size.height);
    return std::clamp(0.5 + inside / 16, 0.0, 1.0);
  }

  static int color(int plane, int channel) { return plane + channel == 1 ? 30 : 200; }

  // `behind` blended with the person by the matte's alpha.
  static TestPicture before(const TestPicture& behind, const Matte& matte) {
    TestPicture picture(behind.frame().format, behind.frame().width, behind.frame().height, 3);
    picture.fill([&](int plane, int x, int y, int c) {
      if (c == 3) return 255;
      const double alpha = matte.plane(plane).row(y)[x] / 255.0;
      const int room = behind.frame().row(plane, y)[x * behind.samples_per_pixel(plane) + c];
      return static_cast<int>(std::lround(alpha * color(plane, c) + (1 - alpha) * room));
    });
    return picture;
  }
};

Matte soft_matte(const TestPicture& picture, Executor& executor) {
  const Frame& frame = picture.frame();
  return make_matte(picture, executor, [&](int x, int y) {
    return SoftPerson::alpha({frame.width, frame.height}, x, y);
  });
}

TestPicture composed(const TestPicture& in, Matte& matte, const KnownRoom& room,
                     const TestPicture& behind, Executor& executor) {
  StoredBackground background(behind.view());
  TestPicture out(in.frame().format, in.frame().width, in.frame().height, 7);
  composite(in.view(), matte, room, background, out.frame(), executor);
  EXPECT_TRUE(out.padding_is_untouched());
  const TestPicture same = in;
  composite(same.view(), matte, room, background, same.frame(), executor);
  EXPECT_EQ(same.difference(out), 0) << "in place";
  return out;
}

double mean_difference(const TestPicture& a, const TestPicture& b) {
  double sum = 0, count = 0;
  for (int plane = 0; plane < a.planes(); ++plane) {
    for (int y = 0; y < a.plane_height(plane); ++y) {
      for (int i = 0; i < a.row_samples(plane); ++i) {
        sum += std::abs(a.frame().row(plane, y)[i] - b.frame().row(plane, y)[i]);
      }
      count += a.row_samples(plane);
    }
  }
  return sum / count;
}

TEST(KnownRoom, IsTakenOutOfThePersonsEdge) {
  for (const PixelFormat format : kKernelFormats) {
    for (const Size& size : {Size{131, 77}, Size{64, 40}, Size{301, 122}}) {
      PartsExecutor one(1), three(3);
      const TestPicture behind = draw_room(format, size);
      TestPicture other(format, size.width, size.height);
      other.fill([](int plane, int, int, int c) { return c == 3 ? 255 : 10 + 60 * (plane + c); });
      const Room room(behind, one);
      Matte matte = soft_matte(behind, one);
      const TestPicture in = SoftPerson::before(behind, matte);
      const TestPicture truth = SoftPerson::before(other, matte);
      const TestPicture got = composed(in, matte, room.known(), other, one);
      EXPECT_LT(mean_difference(got, truth),
                0.3 * mean_difference(composed(in, matte, {}, other, one), truth) + 0.1)
          << "format " << static_cast<int>(format) << ", " << size.width << "x" << size.height;
      EXPECT_EQ(composed(in, matte, room.known(), other, three).difference(got), 0);
    }
  }
}

TEST(KnownRoom, LeavesThePersonsEdgeWhereItIsUnknown) {
  PartsExecutor executor(2);
  for (const PixelFormat format : kKernelFormats) {
    for (const Size& size : kSizes) {
      const TestPicture behind = draw_room(format, size);
      Matte matte = soft_matte(behind, executor);
      const TestPicture in = SoftPerson::before(behind, matte);
      const TestPicture expected = composed(in, matte, {}, behind, executor);
      const Room unknown(in, executor, [](int, int) { return kKnownCount - 1; });
      EXPECT_EQ(composed(in, matte, unknown.known(), behind, executor).difference(expected), 0);
      const Room known(in, executor);
      EXPECT_EQ(composed(in, matte, known.known(0), behind, executor).difference(expected), 0);
    }
  }
}

// The definition, with doubles, of each channel of a pixel and the room's pixel that it shows.
double unblended(const RoomPlane& row, int alpha, std::size_t x, std::size_t c, int sample) {
  const std::size_t at = row.is_halved ? x / 2 : x;
  if (c == 3 || alpha == 0 || row.room.counts[at] < kKnownCount) return sample;
  const double room = static_cast<double>(row.room.colors[c][at]) / kRoomUnit;
  const double share = alpha / 255.0;
  const double weight = 1 - std::pow(1 - share, 4);
  const double color = (sample - (1 - share) * room) / share;
  const double mixed = sample + static_cast<double>(row.room.trust) * weight * (color - sample);
  return std::clamp(mixed, 0.0, 255.0);
}

TEST(KnownRoom, UnblendsRows) {
  std::mt19937 random(9);
  std::array<std::vector<std::int16_t>, 4> planes;
  for (auto& plane : planes) plane.resize(kMostUnblended);
  for (std::size_t x = 0; x < kMostUnblended; ++x) {
    for (std::size_t c = 0; c < 3; ++c) {
      planes[c][x] = static_cast<std::int16_t>(random() % (255 * kRoomUnit + 1));
    }
    planes[3][x] = static_cast<std::int16_t>(random() % 9);
  }
  std::vector<std::uint8_t> alpha(kMostUnblended), from(4 * kMostUnblended);
  for (std::size_t i = 0; i < alpha.size(); ++i) alpha[i] = static_cast<std::uint8_t>(i * 37);
  for (auto& sample : from) {
    sample = static_cast<std::uint8_t>(std::min<std::uint_fast32_t>(random() % 300, 255));
  }
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    for (const std::size_t channels : {1U, 2U, 4U}) {
      for (const bool is_halved : {false, true}) {
        for (const float trust : {1.0F, 0.5F}) {
          const RoomPlane plane{{.colors = {planes[0].data(), planes[1].data(), planes[2].data()},
                                 .counts = planes[3].data(),
                                 .trust = trust},
                                channels,
                                is_halved};
          for (const std::size_t n : {1U, 16U, 33U, 128U}) {
            std::vector<std::uint8_t> got(4 * kMostUnblended, 77);
            unblend(plane, 0, 0, from.data(), alpha.data(), n, got.data());
            for (std::size_t i = 0; i < channels * n; ++i) {
              const std::size_t x = i / channels;
              if (alpha[x] == 0) continue;
              ASSERT_NEAR(got[i], unblended(plane, alpha[x], x, i % channels, from[i]), 4)
                  << channels << " channels, pixel " << x << ", alpha " << int{alpha[x]};
            }
            const std::size_t blocks = (n + kKnownPadding - 1) / kKnownPadding;
            for (std::size_t i = channels * blocks * kKnownPadding; i < got.size(); ++i) {
              ASSERT_EQ(got[i], 77);
            }
          }
        }
      }
    }
  }
  hwy::SetSupportedTargetsForTest(0);
}

}  // namespace
}  // namespace backdrop::test
