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
#include "crop_engine.h"
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
  explicit Follower(MaskSize mask = kMask, MaskSize answer = kAnswer, bool is_on = true,
                    bool lies_on_side = false)
      : mask_(mask), values_(static_cast<std::size_t>(mask.width * mask.height)) {
    crop.prepare(mask, answer, lies_on_side, is_on);
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

// People in a row, `count` times as wide as the network's shape.
MaskRect row_of_people(double count) { return {10, 50, static_cast<int>(count * 200), 200}; }

TEST(PersonCrop, PeopleSideBySideAreSeenInTwoPartsInTheNetworksShape) {
  Follower follower;
  follower.show(row_of_people(2.8)).next();
  const MaskRect left = follower.crop.part(0), right = follower.crop.part(1);
  EXPECT_TRUE(follower.crop.is_whole());
  EXPECT_EQ(left, (MaskRect{0, 0, 256, 256}));
  EXPECT_EQ(right, (MaskRect{455 - 256, 0, 256, 256}));
  // The parts have them all: no search is due, but about once a second, as whoever is hardly seen
  // in a part may be seen well in the whole.
  EXPECT_FALSE(follower.crop.is_search_due());
  for (int frame = 0; frame < 29; ++frame) {
    follower.crop.count_frame();
    EXPECT_FALSE(follower.crop.is_search_due()) << frame;
  }
  follower.crop.count_frame();
  EXPECT_TRUE(follower.crop.is_search_due());
}

TEST(PersonCrop, AFrameOnItsSideIsCutAcross) {
  Follower follower({256, 455}, kAnswer, true, true);
  follower.show({100, 10, 150, 420}).next();
  EXPECT_EQ(follower.crop.part(0), (MaskRect{0, 0, 256, 256}));
  EXPECT_EQ(follower.crop.part(1), (MaskRect{0, 455 - 256, 256, 256}));
}

TEST(PersonCrop, SeesInOnePartWhateverIsNotARowOfPeople) {
  const auto parts = [](MaskSize mask, MaskSize answer, const MaskRect& people) {
    Follower follower(mask, answer);
    follower.show(people).next();
    return follower.crop.part(0) == follower.crop.part(1) ? 1 : 2;
  };
  EXPECT_EQ(parts(kMask, kAnswer, row_of_people(1.7)), 2);
  EXPECT_EQ(parts(kMask, kAnswer, row_of_people(1.5)), 1);
  EXPECT_EQ(parts(kMask, kAnswer, {0, 0, 455, 256}), 2);
  EXPECT_EQ(parts({256, 455}, kAnswer, {50, 10, 150, 440}), 1);   // a tall person
  EXPECT_EQ(parts({256, 144}, {256, 144}, {0, 50, 256, 94}), 1);  // the frame has the shape
}

TEST(PersonCrop, DecidesAboutPartsBySearchesAlone) {
  const auto parts = [](const Follower& follower) {
    return follower.crop.part(0) == follower.crop.part(1) ? 1 : 2;
  };
  Follower follower;
  follower.show(row_of_people(1.7)).next();
  ASSERT_EQ(parts(follower), 2);
  // Less is enough to go on, and what the parts show changes nothing.
  for (int frame = 0; frame < 70; ++frame) {
    follower.show(row_of_people(frame % 30 == 29 ? 1.4 : 1.3)).next();
    ASSERT_EQ(parts(follower), 2) << frame;
  }
  for (int frame = 0; frame < 30; ++frame) follower.show(row_of_people(1.3)).next();
  EXPECT_EQ(parts(follower), 1);
  // Nobody is left.
  follower.show(row_of_people(1.7)).next();
  while (parts(follower) == 1) follower.show(row_of_people(1.7)).next();
  follower.next();
  EXPECT_EQ(parts(follower), 1);
  EXPECT_TRUE(follower.crop.is_whole());
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
      Follower follower(mask, answer, true, any(2) == 1);
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
        const MaskRect first = follower.crop.part(0), second = follower.crop.part(1);
        ASSERT_TRUE(holds(rect, first));
        ASSERT_TRUE(holds(rect, second));
        ASSERT_EQ(second.right(), rect.right());
        ASSERT_EQ(second.bottom(), rect.bottom());
        ASSERT_TRUE(first.x == rect.x && first.y == rect.y);
        ASSERT_TRUE(second.x <= first.right() && second.y <= first.bottom());
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

TEST(Resize, ASeamLeadsFromTheValuesBeforeToTheNewOnes) {
  for (const int size : {6, 9}) {  // copied and resampled
    const std::vector<float> in(6 * 6, 1.0f);
    const ResizeTaps taps = make_resize_taps(6, size);
    const auto at = [&](const Seam& seam, int x, int y) {
      std::vector<float> scratch(6), out(static_cast<std::size_t>(size * size));
      resize_floats(in.data(), 6, taps, taps, scratch, out.data(), static_cast<std::size_t>(size),
                    seam);
      return out[static_cast<std::size_t>(y * size + x)];
    };
    for (int i = 0; i < size; ++i) {
      const float share = i < 4 ? (static_cast<float>(i) + 0.5f) / 4 : 1;
      EXPECT_NEAR(at({.columns = 4}, i, 1), share, 1e-6) << i;
      EXPECT_NEAR(at({.rows = 4}, 1, i), share, 1e-6) << i;
      EXPECT_NEAR(at({}, i, i), 1, 1e-6) << i;
    }
  }
}

// --- The engine ---

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

// Five people from one side of the frame to the other, as the frame is stored.
std::vector<Box> group_in(int rotation) {
  std::vector<Box> people;
  for (const int x : {20, 150, 297, 420, 565}) {
    people.push_back(rotation % 180 == 0 ? Box{x, 180, x + 41, 360} : Box{180, x, 360, x + 41});
  }
  return people;
}

TEST(CropEngine, SeesAGroupMoreSharplyHoweverTheFrameLies) {
  for (const int rotation : {0, 90, 180, 270}) {
    const int width = rotation % 180 == 0 ? kWidth : kHeight;
    const int height = kWidth + kHeight - width;
    const std::vector<Box> people = group_in(rotation);
    const Box all{0, 0, width, height};
    for (const bool flip : {false, true}) {
      CropEngine with(true), without(false);
      // Until after the next search; that is the same where the frame lies the other way round.
      const int frames = rotation < 180 ? 35 : 3;
      for (int frame = 0; frame < frames; ++frame) {
        const auto sharp = with.matte(people, width, height, rotation, flip);
        if (frame > 2 && frame < 29) continue;
        const auto blunt = without.matte(people, width, height, rotation, flip);
        EXPECT_LT(error_of(sharp, people, all, width), 0.8 * error_of(blunt, people, all, width))
            << rotation << flip << frame;
      }
    }
  }
}

// Both parts look the same until somebody moves in one of them.
TEST(CropEngine, NoticesWhoMovesInAGroup) {
  constexpr int kGroupWidth = 570, kGroupHeight = 320;
  CropEngine engine(true);
  ASSERT_EQ(backdrop_set_motion_gate(engine.get(), 1), BACKDROP_OK);
  std::vector<Box> people;
  for (const int x : {20, 145, 270, 395, 520}) people.push_back({x, 160, x + 36, kGroupHeight});
  const auto error = [&] {
    const auto alpha = engine.matte(people, kGroupWidth, kGroupHeight);
    return error_of(alpha, people, {0, 0, kGroupWidth, kGroupHeight}, kGroupWidth);
  };
  for (int frame = 0; frame < 4; ++frame) error();
  for (Box* const box : {&people.back(), &people.front()}) {
    const double before = error();
    box->left -= 15;
    box->right -= 15;
    EXPECT_LT(error(), before + 1);
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
