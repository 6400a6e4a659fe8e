// The learned room on scenes whose alpha is known: a person before a still, a moving and a changing
// room, with masks that are wrong at the edge.
#include "render/cpu/learned_room.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include "render/cpu/background_blur.h"
#include "render/cpu/cpu_renderer.h"
#include "support.h"
#include "test_picture.h"

namespace backdrop::test {
namespace {

struct Ellipse {
  double x, y, across, down;

  // Signed distance from the edge in pixels, roughly; negative inside.
  double distance(double px, double py) const {
    const double u = (px - x) / across, v = (py - y) / down;
    return (std::sqrt(u * u + v * v) - 1) * std::min(across, down);
  }
};

// What a camera sees at a moment.
struct View {
  Ellipse person{};
  double pan_x = 0, pan_y = 0;                                       // of the room, pixels
  std::function<double(double x)> light = [](double) { return 1; };  // by column, 0 to 1
  double noise = 2;                                                  // standard deviation, levels
  std::function<double(int x, int y, int channel)> wall;             // else waves, which pan
};

double alpha_at(const View& view, int x, int y) {
  return std::clamp(0.5 - view.person.distance(x, y) / 2, 0.0, 1.0);
}

class Stage {
 public:
  Stage(int width, int height, PixelFormat format = PixelFormat::kRgba, std::size_t threads = 1)
      : width_(width), height_(height), picture_(format, width, height), executor_(threads) {
    mask_width_ = std::max(width / 8, 1);
    mask_height_ = std::max(height / 8, 1);
    EXPECT_TRUE(matte_.prepare(mask_width_, mask_height_, format, width, height, false, executor_));
    EXPECT_TRUE(half_.prepare(width, height, executor_));
    EXPECT_TRUE(room_.prepare(width, height, executor_));
  }

  void draw(const View& view) {
    const Frame& frame = picture_.frame();
    std::vector<double> light;  // of each column
    for (int x = 0; x < width_; ++x) light.push_back(view.light(x / double(width_)));
    for (int plane = 0; plane < picture_.planes(); ++plane) {
      const int half = plane > 0 ? 2 : 1;
      const int channels = picture_.samples_per_pixel(plane);
      for (int y = 0; y < picture_.plane_height(plane); ++y) {
        const double* noise = noise_.data() + random_() % (noise_.size() / 2);
        std::uint8_t* const row = frame.row(plane, y);
        for (int i = 0; i < picture_.row_samples(plane); ++i) {
          const int x = half * (i / channels), c = plane + i % channels;
          if (c == 3) {
            row[i] = 255;
            continue;
          }
          const double color = color_at(view, x, half * y, c) * light[static_cast<std::size_t>(x)];
          row[i] = static_cast<std::uint8_t>(std::clamp(color + view.noise * *noise++, 0.0, 255.0));
        }
      }
    }
  }

  // A mask of the person, too large by `excess` pixels, and of another thing.
  void mask(const View& view, double excess, const std::optional<Ellipse>& other = {}) {
    mask_.assign(static_cast<std::size_t>(mask_width_ * mask_height_), 0);
    for (int y = 0; y < mask_height_; ++y) {
      for (int x = 0; x < mask_width_; ++x) {
        const double fx = (x + 0.5) * width_ / mask_width_, fy = (y + 0.5) * height_ / mask_height_;
        double out = view.person.distance(fx, fy) - excess;
        if (other) out = std::min(out, other->distance(fx, fy));
        mask_[static_cast<std::size_t>(y * mask_width_ + x)] =
            static_cast<float>(std::clamp(0.6 - out / 12, 0.0, 1.0));
      }
    }
  }

  // Returns the alpha before and after the correction.
  struct Mattes {
    std::vector<std::uint8_t> mask, corrected;
  };
  Mattes run(const Region& seen = {}, std::span<const Region> dropped = {}) {
    Mattes mattes;
    matte_.render(mask_, {}, executor_);
    mattes.mask = alpha();
    half_.shrink(picture_.view(), executor_);
    room_.run(picture_.view(), half_, seen, dropped, matte_, executor_);
    mattes.corrected = alpha();
    return mattes;
  }
  Mattes show(const View& view, double excess) {
    draw(view);
    mask(view, excess);
    return run();
  }

  double error_near_edge(const View& view, const std::vector<std::uint8_t>& alpha,
                         double reach = 12) const {
    double sum = 0, count = 0;
    for (int y = 0; y < height_; ++y) {
      for (int x = 0; x < width_; ++x) {
        if (std::abs(view.person.distance(x, y)) > reach) continue;
        sum += std::abs(at(alpha, x, y) - 255 * alpha_at(view, x, y));
        count += 1;
      }
    }
    return sum / count;
  }

  std::uint8_t at(const std::vector<std::uint8_t>& alpha, double x, double y) const {
    return alpha[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
                 static_cast<std::size_t>(x)];
  }

  // The luma, or the first colour, of the blurred background.
  std::vector<std::uint8_t> blurred(const KnownRoom& room) {
    const ConstFrame frame = picture_.view();
    BackgroundBlur blur;
    EXPECT_TRUE(blur.prepare(frame.format, width_, height_, 6, executor_));
    half_.shrink(frame, executor_);
    blur.run(half_, matte_, room, executor_);
    const auto channels = static_cast<std::size_t>(picture_.samples_per_pixel(0));
    std::vector<std::uint8_t> row(channels * static_cast<std::size_t>(width_)), all;
    for (int y = 0; y < height_; ++y) {
      blur.samples(0, 0, y, 0, width_, row.data());
      for (std::size_t i = 0; i < row.size(); i += channels) all.push_back(row[i]);
    }
    return all;
  }

  LearnedRoom& room() { return room_; }
  Mask mask() const { return {.values = mask_, .width = mask_width_, .height = mask_height_}; }
  TestPicture& picture() { return picture_; }

 private:
  std::vector<std::uint8_t> alpha() const {
    std::vector<std::uint8_t> all;
    for (int y = 0; y < height_; ++y) {
      const std::uint8_t* const row = matte_.plane(0).row(y);
      all.insert(all.end(), row, row + width_);
    }
    return all;
  }

  double color_at(const View& view, int x, int y, int channel) const {
    const double behind = view.wall ? view.wall(x, y, channel)
                                    : 110 + 40 * sine((x + view.pan_x) / 5 + channel) +
                                          30 * sine((y + view.pan_y) / 7 + x / 19.0);
    const double alpha = alpha_at(view, x, y);
    if (alpha <= 0) return behind;
    const double person = (channel == 0 ? 215 : 45) + 12 * sine((x - view.person.x) / 3) +
                          10 * sine((y - view.person.y) / 4);
    return behind + alpha * (person - behind);
  }

  // Fast enough for thousands of frames.
  static double sine(double x) {
    static const std::vector<double> kTable = [] {
      std::vector<double> table(4096);
      for (std::size_t i = 0; i < table.size(); ++i) {
        table[i] = std::sin(static_cast<double>(i) * 2 * std::numbers::pi / 4096);
      }
      return table;
    }();
    return kTable[static_cast<std::size_t>(static_cast<int>((x + 1000 * std::numbers::pi) * 4096 /
                                                            (2 * std::numbers::pi))) %
                  4096];
  }

  static std::vector<double> make_noise() {
    std::mt19937 random(11);
    std::normal_distribution<double> deviate;
    std::vector<double> noise(1 << 14);
    std::ranges::generate(noise, [&] { return deviate(random); });
    return noise;
  }

  int width_, height_;
  TestPicture picture_;
  PartsExecutor executor_;
  int mask_width_ = 0, mask_height_ = 0;
  std::vector<float> mask_;
  Matte matte_;
  HalfPicture half_;
  LearnedRoom room_;
  std::mt19937 random_{7};
  std::vector<double> noise_ = make_noise();
};

constexpr int kWidth = 318, kHeight = 242;

// The person sways; a mask is wrong by another few pixels each frame.
View view_at(int frame) {
  View view;
  view.person = {kWidth / 2.0 + 40 * std::sin(frame / 9.0), 140, 45, 85};
  return view;
}
double excess_at(int frame) { return 3 + 4 * std::sin(frame * 1.7); }

Stage::Mattes learn(Stage& stage, int frames) {
  Stage::Mattes last;
  for (int i = 0; i < frames; ++i) last = stage.show(view_at(i), excess_at(i));
  return last;
}

struct Errors {
  double mask = 0, corrected = 0;
};
Errors errors_of(const Stage& stage, const View& view, const Stage::Mattes& mattes) {
  return {stage.error_near_edge(view, mattes.mask), stage.error_near_edge(view, mattes.corrected)};
}

constexpr int kLong = 70;

// A cut from a plain wall to a person before a pattern. Points that all lie on like parts of the
// pattern would tell of a light that has changed, and the rest of it would be the person's.
TEST(LearnedRoom, APatternIsNoOtherLight) {
  for (const int cell : {1, 2, 3, 4, 8, 16, 32}) {
    Stage stage(kWidth, kHeight);
    View wall;
    wall.person = {-500, -500, 1, 1};
    wall.wall = [](int, int, int) { return 20; };
    for (int i = 0; i < kLong; ++i) stage.show(wall, 0);
    View room = view_at(0);
    room.wall = [cell](int x, int y, int channel) {
      return (x / cell + y / cell + channel) % 2 == 0 ? 230 : 20;
    };
    for (int i = 0; i < 4; ++i) {
      const Errors errors = errors_of(stage, room, stage.show(room, excess_at(i)));
      EXPECT_LE(errors.corrected, errors.mask + 1) << "cell " << cell << ", frame " << i;
    }
  }
}

TEST(LearnedRoom, CorrectsTheEdgeInEveryFormat) {
  for (const PixelFormat format :
       cases(std::vector(kKernelFormats.begin(), kKernelFormats.end()))) {
    Stage stage(kWidth, kHeight, format);
    learn(stage, kLong);
    Errors sum;
    for (int i = kLong; i < kLong + 8; ++i) {
      const Errors errors = errors_of(stage, view_at(i), stage.show(view_at(i), excess_at(i)));
      sum.mask += errors.mask;
      sum.corrected += errors.corrected;
    }
    EXPECT_LT(sum.corrected, 0.5 * sum.mask) << static_cast<int>(format);
  }
}

// A pixel of the half-size picture is too coarse for an edge of two pixels.
TEST(LearnedRoom, FindsTheEdgeAtTheFramesOwnSize) {
  for (const PixelFormat format :
       cases(std::vector(kKernelFormats.begin(), kKernelFormats.end()))) {
    Stage stage(kWidth, kHeight, format);
    View nobody;
    nobody.person = {-500, -500, 1, 1};
    for (int i = 0; i < 24; ++i) stage.show(nobody, 0);
    Errors sum;
    for (int i = 0; i < 8; ++i) {
      const View view = view_at(i);
      const Stage::Mattes mattes = stage.show(view, excess_at(i));
      sum.mask += stage.error_near_edge(view, mattes.mask, 1.5);
      sum.corrected += stage.error_near_edge(view, mattes.corrected, 1.5);
    }
    EXPECT_LT(sum.corrected, 0.25 * sum.mask) << static_cast<int>(format);
  }
}

TEST(LearnedRoom, LeavesTheMaskAloneUntilTheRoomIsKnown) {
  Stage stage(kWidth, kHeight);
  const Stage::Mattes first = stage.show(view_at(0), 4);
  EXPECT_EQ(first.corrected, first.mask);
  learn(stage, kLong);
  Stage::Mattes known = stage.show(view_at(kLong), 4);
  EXPECT_NE(known.corrected, known.mask);
  stage.room().forget();
  known = stage.show(view_at(kLong), 4);
  EXPECT_EQ(known.corrected, known.mask);
}

TEST(LearnedRoom, FillsTheBlurBehindThePerson) {
  for (const PixelFormat format :
       cases(std::vector(kKernelFormats.begin(), kKernelFormats.end()))) {
    Stage stage(kWidth, kHeight, format), empty(kWidth, kHeight, format);
    learn(stage, kLong);
    const View view = view_at(kLong);
    stage.show(view, 0);
    View without = view;
    without.person.x = -500;
    empty.show(without, 0);
    const std::vector<std::uint8_t> truth = empty.blurred({});
    const auto error = [&](const KnownRoom& room) {
      const std::vector<std::uint8_t> got = stage.blurred(room);
      double sum = 0;
      for (std::size_t i = 0; i < got.size(); ++i) sum += std::abs(got[i] - truth[i]);
      return sum;
    };
    EXPECT_LT(error(stage.room().known()), 0.6 * error({})) << static_cast<int>(format);
  }
}

// What lies beneath clear pixels is never shown.
TEST(LearnedRoom, ForgetsAtAFrameThatIsNotOpaque) {
  constexpr int kOddWidth = 161, kOddHeight = 123;
  const std::pair<int, int> pixels[] = {{0, 0}, {80, 61}, {kOddWidth - 1, kOddHeight - 1}};
  for (const PixelFormat format : {PixelFormat::kRgba, PixelFormat::kBgra}) {
    for (const auto& [x, y] : pixels) {
      Stage stage(kOddWidth, kOddHeight, format, 2);
      learn(stage, 24);
      EXPECT_GT(stage.room().known().trust, 0);
      stage.draw(view_at(24));
      stage.picture().frame().row(0, y)[4 * x + 3] = 254;
      stage.mask(view_at(24), 4);
      const Stage::Mattes mattes = stage.run();
      EXPECT_EQ(mattes.corrected, mattes.mask) << x << ", " << y;
      EXPECT_EQ(stage.room().known().trust, 0) << x << ", " << y;
    }
  }
}

// Somebody stands where the network does not look.
TEST(LearnedRoom, LearnsOnlyWhatTheNetworkHasSeen) {
  constexpr Region kWhole{}, kLeft{0, 0, 0.5, 1};
  const auto alpha_after = [](const Region& seen) {
    Stage stage(kWidth, kHeight);
    View nobody, newcomer;
    nobody.person = {-500, 140, 20, 40};
    newcomer.person = {250, 140, 20, 40};
    for (int i = 0; i < kLong; ++i) {
      stage.draw(newcomer);
      stage.mask(nobody, 0);
      stage.run(seen);
    }
    EXPECT_GT(stage.room().known().trust, 0);
    const Stage::Mattes mattes = stage.show(newcomer, 0);
    return stage.at(mattes.corrected, 250, 140);
  };
  EXPECT_EQ(alpha_after(kLeft), 255);
  EXPECT_LT(alpha_after(kWhole), 255);
}

TEST(LearnedRoom, DoesNotLearnWhoWasDropped) {
  const auto alpha_after = [](std::span<const Region> dropped) {
    Stage stage(kWidth, kHeight);
    View view = view_at(0), stranger;
    stranger.person = {270, 140, 20, 40};
    for (int i = 0; i < kLong; ++i) {
      stage.draw(stranger);
      stage.mask(view, 0);
      stage.run({}, dropped);
    }
    EXPECT_GT(stage.room().known().trust, 0);
    const Stage::Mattes mattes = stage.show(stranger, 0);
    return stage.at(mattes.corrected, 270, 140);
  };
  const Region box{250.0 / kWidth, 100.0 / kHeight, 40.0 / kWidth, 80.0 / kHeight};
  EXPECT_EQ(alpha_after({&box, 1}), 255);
  EXPECT_LT(alpha_after({}), 255);
}

TEST(LearnedRoom, TakesAnyBoxesOfTheDropped) {
  constexpr Region kDropped[] = {{}, kNothing, {0.9, 0.9, 0.1, 0.1}, {1, 1, 0, 0}};
  for (const auto& [width, height] : {std::pair(1, 1), std::pair(40, 1), std::pair(65, 33)}) {
    Stage stage(width, height);
    for (int i = 0; i < 10; ++i) {
      stage.draw(view_at(i));
      stage.mask(view_at(i), 1);
      const Stage::Mattes mattes = stage.run({}, kDropped);
      EXPECT_EQ(mattes.corrected, mattes.mask);
    }
  }
}

TEST(LearnedRoom, DoesNotDependOnThreads) {
  Stage one(kWidth, kHeight, PixelFormat::kI420, 1);
  const Stage::Mattes expected = learn(one, 40);
  for (const std::size_t threads : {3U, 32U}) {
    Stage several(kWidth, kHeight, PixelFormat::kI420, threads);
    EXPECT_EQ(learn(several, 40).corrected, expected.corrected) << threads;
  }
}

TEST(LearnedRoom, ForgetsWhenTheCameraMoves) {
  for (const double speed : {0.5, 6.0, 40.0}) {
    Stage stage(kWidth, kHeight);
    learn(stage, kLong);
    for (int i = kLong; i < kLong + 12; ++i) {
      View view = view_at(i);
      view.pan_x = speed * (i - kLong + 1);
      const Stage::Mattes mattes = stage.show(view, excess_at(i));
      EXPECT_EQ(mattes.corrected, mattes.mask) << speed << " pixels, frame " << i - kLong;
    }
  }
}

TEST(LearnedRoom, IsNoWorseThanTheMaskWhileTheCameraGlides) {
  for (const double speed : {0.03, 0.2}) {
    Stage stage(kWidth, kHeight);
    Errors sum;
    for (int i = 0; i < 120; ++i) {
      View view = view_at(i);
      view.pan_x = speed * i;
      view.pan_y = 100 - speed * i / 2;
      const Errors errors = errors_of(stage, view, stage.show(view, excess_at(i)));
      sum.mask += errors.mask;
      sum.corrected += errors.corrected;
    }
    EXPECT_LT(sum.corrected, 1.001 * sum.mask) << speed;
  }
}

TEST(LearnedRoom, FollowsTheExposure) {
  for (const double step : {0.75, 1.2}) {
    Stage stage(kWidth, kHeight, PixelFormat::kI420);
    learn(stage, kLong);
    View view = view_at(kLong);
    view.light = [&](double) { return step; };
    const Errors errors = errors_of(stage, view, stage.show(view, 6));
    EXPECT_LT(errors.corrected, 0.6 * errors.mask) << step;
  }
}

TEST(LearnedRoom, ForgetsWhenALightIsSwitched) {
  Stage stage(kWidth, kHeight);
  learn(stage, kLong);
  View view = view_at(kLong);
  view.light = [](double x) { return x < 0.5 ? 0.4 : 1.4 - x; };
  const Stage::Mattes mattes = stage.show(view, 4);
  EXPECT_EQ(mattes.corrected, mattes.mask);
}

TEST(LearnedRoom, DoesNotLearnWhoSitsStill) {
  Stage stage(162, 122);
  View view;
  view.person = {80, 70, 30, 40};
  Stage::Mattes mattes;
  const int frames = kSlow ? 200 : 1800;  // a minute
  for (int i = 0; i < frames; ++i) mattes = stage.show(view, i % 2 == 0 ? 0 : 3);
  for (int y = 0; y < 122; ++y) {
    for (int x = 0; x < 162; ++x) {
      if (view.person.distance(x, y) > -6) continue;
      ASSERT_EQ(stage.at(mattes.corrected, x, y), 255) << x << ", " << y;
    }
  }
  // Nothing of the person stays when they leave.
  view.person.x = -500;
  mattes = stage.show(view, 0);
  EXPECT_EQ(std::ranges::max(mattes.corrected), 0);
}

TEST(LearnedRoom, KeepsOutWhatHasStoodThereAllTheTime) {
  Stage stage(kWidth, kHeight);
  learn(stage, kLong);
  const Ellipse chair{40, 60, 22, 22};
  int flicker = 0;
  for (int i = kLong; i < kLong + 10; ++i) {
    stage.draw(view_at(i));
    stage.mask(view_at(i), 2, i % 2 == 0 ? std::optional(chair) : std::nullopt);
    const Stage::Mattes mattes = stage.run();
    if (i == kLong) {
      EXPECT_GT(stage.at(mattes.mask, chair.x, chair.y), 200);
    }
    flicker = std::max<int>(flicker, stage.at(mattes.corrected, chair.x, chair.y));
  }
  EXPECT_LT(flicker, 16);
}

TEST(LearnedRoom, OpensNothingFarFromTheMask) {
  Stage stage(kWidth, kHeight);
  learn(stage, kLong);
  // Something else comes into the room; the mask does not show it.
  View view = view_at(kLong);
  stage.draw(view);
  for (int y = 10; y < 60; ++y) {
    std::fill_n(stage.picture().frame().row(0, y) + 4 * 10, 4 * 40, std::uint8_t{230});
  }
  stage.mask(view, 2);
  const Stage::Mattes mattes = stage.run();
  for (int y = 10; y < 60; ++y) {
    for (int x = 10; x < 50; ++x) ASSERT_EQ(stage.at(mattes.corrected, x, y), 0);
  }
}

TEST(LearnedRoom, TakesFramesOfOneColorAndNoise) {
  Stage stage(kWidth, kHeight);
  learn(stage, 30);
  for (const int level : {0, 255, 0, 0, 0, 255}) {
    stage.picture().fill([&](int, int, int, int) { return level; });
    stage.mask(view_at(30), 2);
    for (int i = 0; i < 12; ++i) {
      const Stage::Mattes mattes = stage.run();
      EXPECT_EQ(stage.at(mattes.corrected, 0, 0), 0);
    }
  }
  for (unsigned seed = 0; seed < 8; ++seed) {
    stage.picture().fill_noise(seed);
    const Stage::Mattes mattes = stage.run();
    EXPECT_EQ(mattes.corrected, mattes.mask);
  }
}

TEST(LearnedRoom, TakesEverySize) {
  const std::pair<int, int> sizes[] = {{1, 1},   {1, 40}, {40, 1},  {2, 3},   {15, 17},
                                       {16, 16}, {17, 5}, {65, 33}, {129, 66}};
  for (const auto& [width, height] : sizes) {
    for (const PixelFormat format : kKernelFormats) {
      Stage stage(width, height, format, 3);
      for (int i = 0; i < 30; ++i) {
        View view;
        view.person = {width * 0.5 + width * 0.2 * std::sin(i / 3.0), height * 0.6, width * 0.2 + 1,
                       height * 0.4 + 1};
        stage.show(view, 1);
      }
      EXPECT_TRUE(stage.picture().padding_is_untouched());
    }
  }
}

// The mean difference that the guided filter makes to the matte of a frame after 40 others, in
// levels.
double effect_of_filter(double pan) {
  Stage stage(kWidth, kHeight);
  SerialExecutor executor;
  CpuRenderer refined(executor), unrefined(executor);
  TestPicture out(PixelFormat::kRgba, kWidth, kHeight);
  for (int frame = 0; frame <= 40; ++frame) {
    View view = view_at(frame);
    view.pan_x = pan * frame;
    stage.draw(view);
    stage.mask(view, excess_at(frame));
    RenderSettings settings{.background = ColorBackground{}};
    EXPECT_TRUE(refined.render(stage.picture().view(), stage.mask(), settings, out.frame()));
    settings.refinement.kind = RefinementKind::kNone;
    EXPECT_TRUE(unrefined.render(stage.picture().view(), stage.mask(), settings, out.frame()));
  }
  double sum = 0;
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      sum += std::abs(refined.matte().row(y)[x] - unrefined.matte().row(y)[x]);
    }
  }
  return sum / (kWidth * kHeight);
}

TEST(LearnedRoom, TakesTheGuidedFiltersPlaceWhenItIsTrusted) {
  EXPECT_LT(effect_of_filter(0), 0.02);
  EXPECT_GT(effect_of_filter(3), 0.2);
}

}  // namespace
}  // namespace backdrop::test
