// Which part of the frame the network looks at: the rectangle by itself, and the engine with it.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "backdrop/backdrop.h"
#include "image/resize_floats.h"
#include "image/sampler.h"
#include "person_network.h"
#include "segment/person_crop.h"
#include "test_picture.h"

namespace backdrop::test {
namespace {

constexpr MaskSize kMask{455, 256};
constexpr MaskSize kAnswer{256, 256};

class Follower {
 public:
  explicit Follower(MaskSize mask = kMask, MaskSize answer = kAnswer, bool is_on = true)
      : mask_(mask), values_(static_cast<std::size_t>(mask.width * mask.height)) {
    crop.prepare(mask, answer, is_on);
  }

  // Adds a person to the next mask.
  Follower& show(const MaskRect& person, float probability = 1) {
    for (int y = std::max(person.y, 0); y < std::min(person.bottom(), mask_.height); ++y) {
      for (int x = std::max(person.x, 0); x < std::min(person.right(), mask_.width); ++x) {
        values_[static_cast<std::size_t>(y * mask_.width + x)] = probability;
      }
    }
    return *this;
  }

  // Gives the mask as the engine does.
  void next() {
    crop.count_frame();
    if (crop.is_search_due() || crop.follow(values_)) {
      crop.search(values_);
      crop.follow(values_);
    }
    std::ranges::fill(values_, 0.0f);
  }

  PersonCrop crop;

 private:
  MaskSize mask_;
  std::vector<float> values_;
};

bool holds(const MaskRect& outer, const MaskRect& inner) {
  return outer.x <= inner.x && outer.y <= inner.y && outer.right() >= inner.right() &&
         outer.bottom() >= inner.bottom();
}

TEST(PersonCrop, AMaskOfTheWholeFrameIsAsFineAsTheNetworksAnswer) {
  const auto size = [](int width, int height, MaskSize answer) {
    const MaskSize mask = whole_frame_mask(width, height, answer);
    return std::array{mask.width, mask.height};
  };
  EXPECT_EQ(size(1280, 720, {256, 256}), (std::array{455, 256}));
  EXPECT_EQ(size(720, 1280, {256, 256}), (std::array{256, 455}));
  EXPECT_EQ(size(1280, 720, {256, 144}), (std::array{256, 144}));
  EXPECT_EQ(size(640, 480, {256, 144}), (std::array{256, 192}));
  EXPECT_EQ(size(455, 256, {256, 256}), (std::array{455, 256}));
  EXPECT_EQ(size(1, 1, {256, 256}), (std::array{256, 256}));
  // Too thin.
  EXPECT_EQ(size(1, 32768, {256, 144}), (std::array{256, 144}));
}

TEST(PersonCrop, SurroundsThePersonInTheNetworksShape) {
  Follower follower;
  EXPECT_TRUE(follower.crop.is_whole());
  const MaskRect person{300, 120, 60, 100};
  follower.show(person).next();
  const MaskRect rect = follower.crop.rect();
  EXPECT_TRUE(holds(rect, person));
  EXPECT_EQ(rect.width, rect.height);
  EXPECT_LT(rect.width, 140);
  EXPECT_GT(rect.width, 110);

  Follower wide({455, 256}, {256, 128});
  wide.show(person).next();
  EXPECT_TRUE(holds(wide.crop.rect(), person));
  EXPECT_NEAR(wide.crop.rect().width, 2 * wide.crop.rect().height, 2);
}

TEST(PersonCrop, NearlyTheAnswersSizeIsTheAnswersSize) {
  Follower follower;
  follower.show({120, 80, 150, 176}).next();
  EXPECT_EQ(follower.crop.rect().width, 256);
  EXPECT_EQ(follower.crop.rect().height, 256);
}

TEST(PersonCrop, SeesTheWholeFrameWhileThereIsNobody) {
  Follower follower;
  follower.next();
  EXPECT_TRUE(follower.crop.is_whole());
  EXPECT_TRUE(follower.crop.is_search_due());
  // Noise: rows and columns with single pixels, and a person of whom the network is not sure.
  follower.show({10, 10, 1, 200}).show({300, 50, 80, 100}, 0.4f).next();
  EXPECT_TRUE(follower.crop.is_whole());
  follower.show({300, 50, 80, 100}).next();
  EXPECT_FALSE(follower.crop.is_whole());
  EXPECT_FALSE(follower.crop.is_search_due());
  follower.next();
  EXPECT_TRUE(follower.crop.is_whole());
  EXPECT_TRUE(follower.crop.is_search_due());
}

TEST(PersonCrop, StaysAsLongAsItFits) {
  Follower follower;
  follower.show({200, 100, 80, 120}).next();
  const MaskRect first = follower.crop.rect();
  for (int i = -6; i <= 6; ++i) {
    follower.show({200 + i, 100 - i / 2, 80, 120}).next();
    EXPECT_EQ(follower.crop.rect(), first) << i;
  }
  follower.show({232, 100, 80, 120}).next();
  EXPECT_NE(follower.crop.rect(), first);
  EXPECT_TRUE(holds(follower.crop.rect(), {232, 100, 80, 120}));
  // A person far away.
  follower.show({240, 140, 30, 40}).next();
  EXPECT_LT(follower.crop.rect().width, first.width / 2);
}

TEST(PersonCrop, GrowsAtOnceWhenThePersonReachesItsEdge) {
  Follower follower;
  follower.show({200, 100, 80, 100}).next();
  const MaskRect first = follower.crop.rect();
  const int arm = first.right() - 280;
  follower.show({200, 100, 80, 100}).show({280, 130, arm, 20}).next();
  const MaskRect grown = follower.crop.rect();
  EXPECT_GT(grown.width, first.width);
  EXPECT_GT(grown.right() - first.right(), arm);

  // Where the frame ends, nothing can grow.
  Follower at_the_side;
  at_the_side.show({0, 60, 100, 196}).next();
  const MaskRect fitted = at_the_side.crop.rect();
  at_the_side.show({0, 60, 100, 196}).next();
  EXPECT_EQ(at_the_side.crop.rect(), fitted);
}

TEST(PersonCrop, TakesAllPeople) {
  Follower follower;
  const MaskRect left{20, 100, 40, 100}, right{220, 90, 40, 100};
  follower.show(left).show(right).next();
  EXPECT_TRUE(holds(follower.crop.rect(), left));
  EXPECT_TRUE(holds(follower.crop.rect(), right));
  // From one side to the other, the whole is seen.
  Follower wide;
  wide.show({5, 100, 40, 100}).show({400, 90, 40, 100}).next();
  EXPECT_TRUE(wide.crop.is_whole());
}

TEST(PersonCrop, LooksForNewcomersAboutOnceASecond) {
  Follower follower;
  const MaskRect person{50, 100, 60, 100}, newcomer{330, 100, 60, 100};
  follower.show(person).next();
  ASSERT_FALSE(holds(follower.crop.rect(), newcomer));
  int frames = 0;
  while (!holds(follower.crop.rect(), newcomer)) {
    ASSERT_LT(++frames, 32);
    // Outside of the rectangle the mask is empty, unless the whole frame was seen.
    follower.show(person);
    const bool searches = frames == 30;
    if (searches) follower.show(newcomer);
    follower.next();
  }
  EXPECT_EQ(frames, 30);
}

TEST(PersonCrop, IsWholeWhenItIsOff) {
  Follower follower(kMask, kAnswer, false);
  follower.show({200, 100, 80, 120}).next();
  EXPECT_TRUE(follower.crop.is_whole());
  EXPECT_FALSE(follower.crop.is_search_due());
}

TEST(PersonCrop, IsInsideTheMaskWhateverTheNetworkAnswers) {
  std::mt19937 random(5);
  const auto any = [&](int most) {
    return static_cast<int>(random() % static_cast<unsigned>(most));
  };
  for (const MaskSize mask : {MaskSize{1, 1}, {1, 7}, {7, 1}, {2, 2}, {37, 21}, {64, 255}}) {
    for (const MaskSize answer : {MaskSize{1, 1}, {3, 9}, {64, 48}}) {
      Follower follower(mask, answer);
      for (int frame = 0; frame < 200; ++frame) {
        const int people = any(4);
        for (int i = 0; i < people; ++i) {
          follower.show(
              {any(mask.width), any(mask.height), 1 + any(mask.width), 1 + any(mask.height)});
        }
        follower.next();
        const MaskRect rect = follower.crop.rect();
        ASSERT_TRUE(holds(follower.crop.whole(), rect));
        ASSERT_GT(rect.width, 0);
        ASSERT_GT(rect.height, 0);
        const Region region = follower.crop.region_of(rect);
        ASSERT_LE(region.left + region.width, 1 + 1e-9);
        ASSERT_LE(region.top + region.height, 1 + 1e-9);
      }
    }
  }
}

// --- What the network is fed of a part ---

TEST(Sampler, SamplesAPartAsAFrameOfItsOwn) {
  SerialExecutor executor;
  for (const PixelFormat format : {PixelFormat::kRgba, PixelFormat::kI420, PixelFormat::kNv12}) {
    constexpr int kWidth = 640, kHeight = 96, kLeft = 300, kTop = 20, kSide = 60, kTarget = 17;
    const TestPicture whole = TestPicture(format, kWidth, kHeight).fill_noise(4);
    TestPicture part(format, kSide, kSide);
    part.fill([&](int plane, int x, int y, int c) {
      const int shift = plane_traits(format, plane).subsampling;
      const int channels = whole.samples_per_pixel(plane);
      return whole.frame().row(plane, y + (kTop >> shift))[(x + (kLeft >> shift)) * channels + c];
    });
    std::vector<float> expected(3 * kTarget * kTarget), got(expected.size());
    Sampler sampler;
    ASSERT_TRUE(sampler.prepare(format, kSide, kSide, {kTarget, kTarget, 0, 1}, executor));
    sampler.run(part.view(), expected.data(), executor);
    ASSERT_TRUE(sampler.prepare(format, kWidth, kHeight, {kTarget, kTarget, 0, 1}, executor));
    sampler.look_at({kLeft / 640.0, kTop / 96.0, kSide / 640.0, kSide / 96.0});
    sampler.run(whole.view(), got.data(), executor);
    for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], expected[i], 0.01) << i;
  }
}

TEST(Resize, FloatsAreWeightedByTheTaps) {
  std::mt19937 random(6);
  for (const auto [width, height, to_width, to_height] :
       {std::array{1, 1, 3, 5}, {7, 5, 7, 5}, {9, 4, 5, 9}, {64, 33, 20, 33}, {13, 40, 40, 13}}) {
    std::vector<float> in(static_cast<std::size_t>(width * height));
    for (float& value : in) value = static_cast<float>(random() % 1000) / 1000;
    const ResizeTaps columns = make_resize_taps(width, to_width);
    const ResizeTaps rows = make_resize_taps(height, to_height);
    const int stride = to_width + 3;
    std::vector<float> scratch(static_cast<std::size_t>(width));
    std::vector<float> out(static_cast<std::size_t>(stride * to_height), -7.0f);
    resize_floats(in.data(), width, columns, rows, scratch, out.data(),
                  static_cast<std::size_t>(stride));
    for (int y = 0; y < to_height; ++y) {
      for (int x = 0; x < stride; ++x) {
        double expected = -7;
        if (x < to_width) {
          expected = 0;
          for (int j = 0; j < rows.taps; ++j) {
            for (int i = 0; i < columns.taps; ++i) {
              const float value = in[static_cast<std::size_t>((rows.first_of(y) + j) * width +
                                                              columns.first_of(x) + i)];
              expected += static_cast<double>(
                  value * rows.weights[static_cast<std::size_t>(y * rows.taps + j)] *
                  columns.weights[static_cast<std::size_t>(x * columns.taps + i)]);
            }
          }
        }
        ASSERT_NEAR(out[static_cast<std::size_t>(y * stride + x)], expected, 1e-5);
      }
    }
  }
}

// --- The engine ---

constexpr int kWidth = 640, kHeight = 360;

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
  }

  backdrop_engine* get() const { return engine_.get(); }

  // The matte of a frame in which these boxes are people.
  std::vector<std::uint8_t> matte(const std::vector<Box>& people, int width = kWidth,
                                  int height = kHeight, int rotation = 0, bool flip = false) {
    TestPicture picture(PixelFormat::kRgba, width, height);
    picture.fill([&](int, int x, int y, int c) {
      const bool is_person =
          std::ranges::any_of(people, [&](const Box& box) { return box.has(x, y); });
      return c == 3 || c == (is_person ? 0 : 2) ? 255 : 0;
    });
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
  std::unique_ptr<backdrop_engine, decltype(&backdrop_destroy)> engine_;
};

// The mean error of alpha, in levels, in the pixels of a box.
double error_of(const std::vector<std::uint8_t>& alpha, const std::vector<Box>& people,
                const Box& box, int width = kWidth) {
  double sum = 0;
  for (int y = box.top; y < box.bottom; ++y) {
    for (int x = box.left; x < box.right; ++x) {
      const bool is_person =
          std::ranges::any_of(people, [&](const Box& person) { return person.has(x, y); });
      sum += std::abs(alpha[static_cast<std::size_t>(y * width + x)] - (is_person ? 255 : 0));
    }
  }
  return sum / ((box.right - box.left) * (box.bottom - box.top));
}

TEST(CropEngine, SeesAPersonMoreSharply) {
  const Box person{415, 123, 477, 251}, around{395, 103, 497, 271};
  CropEngine with(true), without(false);
  // A photo or a first frame, and a later one.
  for (int frame = 0; frame < 2; ++frame) {
    const double sharp = error_of(with.matte({person}), {person}, around);
    const double blunt = error_of(without.matte({person}), {person}, around);
    EXPECT_LT(sharp, 0.75 * blunt) << frame;
  }
}

TEST(CropEngine, FollowsAPersonWhoMoves) {
  CropEngine engine(true);
  for (int frame = 0; frame < 60; ++frame) {
    const int x = 40 + 8 * frame;
    const Box person{x, 120, x + 60, 260};
    const auto alpha = engine.matte({person});
    ASSERT_LT(error_of(alpha, {person}, {0, 0, kWidth, kHeight}), 6) << frame;
    for (int y = 140; y < 240; y += 10) {
      ASSERT_EQ(alpha[static_cast<std::size_t>(y * kWidth + x + 30)], 255) << frame;
    }
  }
}

TEST(CropEngine, FindsWhoComes) {
  CropEngine engine(true);
  const Box person{60, 100, 130, 260}, newcomer{500, 100, 570, 260};
  const auto shows_newcomer = [](const std::vector<std::uint8_t>& alpha) {
    return alpha[180 * kWidth + 535] == 255;
  };
  engine.matte({person});
  int frames = 0;
  while (!shows_newcomer(engine.matte({person, newcomer}))) ASSERT_LT(++frames, 31);
  // Found as soon as a search is due, and not lost again.
  EXPECT_GT(frames, 0);
  for (int frame = 0; frame < 40; ++frame) {
    ASSERT_TRUE(shows_newcomer(engine.matte({person, newcomer}))) << frame;
  }
}

TEST(CropEngine, FindsSomebodyElseAfterReset) {
  CropEngine engine(true);
  const Box person{60, 100, 130, 260}, other{500, 100, 570, 260};
  engine.matte({person});
  ASSERT_EQ(backdrop_reset(engine.get()), BACKDROP_OK);
  EXPECT_LT(error_of(engine.matte({other}), {other}, {0, 0, kWidth, kHeight}), 6);
}

// The frame as it is stored is the same; the network sees it upright.
TEST(CropEngine, FindsAPersonHoweverTheFrameLies) {
  const Box person{415, 123, 477, 251};
  for (const int rotation : {0, 90, 180, 270}) {
    for (const bool flip : {false, true}) {
      CropEngine engine(true);
      for (int frame = 0; frame < 3; ++frame) {
        const auto alpha = engine.matte({person}, kWidth, kHeight, rotation, flip);
        EXPECT_LT(error_of(alpha, {person}, {395, 103, 497, 271}), 25) << rotation << flip;
        EXPECT_LT(error_of(alpha, {person}, {0, 0, kWidth, kHeight}), 3) << rotation << flip;
      }
    }
  }
}

TEST(CropEngine, TakesFramesOfAnySize) {
  CropEngine engine(true);
  std::mt19937 random(7);
  const std::array<std::array<int, 2>, 9> sizes{{{1, 1},
                                                 {1, 3000},
                                                 {3000, 1},
                                                 {2, 2},
                                                 {640, 360},
                                                 {360, 640},
                                                 {63, 65},
                                                 {64, 64},
                                                 {17, 400}}};
  for (int frame = 0; frame < 60; ++frame) {
    const auto [width, height] = sizes[random() % sizes.size()];
    const auto edge = [&](int size) {
      return static_cast<int>(random() % static_cast<unsigned>(size));
    };
    const Box person{edge(width), edge(height), width, height};
    const std::vector<Box> nobody, everybody{{0, 0, width, height}};
    EXPECT_EQ(std::ranges::max(engine.matte(nobody, width, height)), 0);
    engine.matte({person}, width, height);
    // A rectangle that is overrun is searched at the latest after five frames.
    for (int i = 0; i < 5; ++i) engine.matte(everybody, width, height);
    EXPECT_EQ(std::ranges::min(engine.matte(everybody, width, height)), 255);
  }
}

TEST(CropEngine, AStillSceneIsSkippedAndSearched) {
  CropEngine engine(true);
  ASSERT_EQ(backdrop_set_motion_gate(engine.get(), 1), BACKDROP_OK);
  const Box person{60, 100, 130, 260}, newcomer{500, 100, 570, 260};
  for (int frame = 0; frame < 3; ++frame) engine.matte({person});
  backdrop_statistics statistics{};
  backdrop_get_statistics(engine.get(), &statistics);
  EXPECT_EQ(statistics.kept, 1);
  int frames = 0;
  while (engine.matte({person, newcomer})[180 * kWidth + 535] != 255) ASSERT_LT(++frames, 31);
}

}  // namespace
}  // namespace backdrop::test
