// Who of several people is kept: the components of masks, the choice, and the engine with it.
#include "segment/front_person.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "crop_engine.h"
#include "segment/person_crop.h"
#include "segment/mask_components.h"
#include "test_mask.h"

namespace backdrop::test {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// The number of each pixel's component, in the order of their first pixels; -1 for none.
std::vector<int> flood_fill(TestMask mask, float threshold) {
  std::vector<int> components(mask.values.size(), -1);
  const auto component = [&](int x, int y) -> int& {
    return components[static_cast<std::size_t>(y) * static_cast<std::size_t>(mask.size.width) +
                      static_cast<std::size_t>(x)];
  };
  int count = 0;
  std::vector<std::array<int, 2>> open;
  const auto add = [&](int x, int y) {
    if (!mask.has(x, y) || !(mask.at(x, y) >= threshold) || component(x, y) >= 0) return;
    component(x, y) = count;
    open.push_back({x, y});
  };
  for (int y = 0; y < mask.size.height; ++y) {
    for (int x = 0; x < mask.size.width; ++x) {
      add(x, y);
      if (open.empty()) continue;
      while (!open.empty()) {
        const auto [left, top] = open.back();
        open.pop_back();
        for (int dy = -1; dy <= 1; ++dy) {
          for (int dx = -1; dx <= 1; ++dx) add(left + dx, top + dy);
        }
      }
      ++count;
    }
  }
  return components;
}

std::vector<int> found(MaskComponents& components, const TestMask& mask, float threshold) {
  std::vector<int> pixels(mask.values.size(), -1);
  components.find(mask.values, threshold);
  for (const MaskComponents::Run& run : components.runs()) {
    EXPECT_LT(run.component, static_cast<int>(components.count()));
    std::fill_n(pixels.begin() + static_cast<std::ptrdiff_t>(components.index_of(run)),
                run.end - run.first, run.component);
  }
  return pixels;
}

// Masks of all kinds: nobody, everybody, checkerboards, noise and rectangles.
std::vector<TestMask> masks_of(MaskSize size, std::mt19937& random) {
  std::vector<TestMask> masks(9, TestMask(size));
  const auto fill = [&](TestMask& mask, auto value) {
    for (int y = 0; y < size.height; ++y) {
      for (int x = 0; x < size.width; ++x) mask.at(x, y) = value(x, y);
    }
  };
  const auto share = [&] { return static_cast<float>(random() % 1000) / 1000; };
  fill(masks[1], [](int, int) { return 1.0f; });
  fill(masks[2], [](int x, int y) { return (x + y) % 2 ? 1.0f : 0.0f; });
  fill(masks[3], [](int x, int y) { return x % 2 == 0 && y % 2 == 0 ? 1.0f : 0.0f; });
  fill(masks[4], [&](int, int) { return share(); });
  fill(masks[5], [&](int, int) { return share() > 0.8f ? share() : 0; });
  fill(masks[6], [&](int x, int) { return x % 7 == 0 ? kNaN : share(); });
  // A comb, whose teeth are joined by its last row only.
  fill(masks[7], [&](int x, int y) { return x % 2 == 0 || y == size.height - 1 ? 0.7f : 0.0f; });
  for (int i = 0; i < 6; ++i) {
    const int x = static_cast<int>(random() % static_cast<unsigned>(size.width));
    const int y = static_cast<int>(random() % static_cast<unsigned>(size.height));
    masks[8].show({x, y, std::min(size.width - x, 9), std::min(size.height - y, 14)}, share());
  }
  return masks;
}

constexpr MaskSize kSizes[] = {{1, 1},   {2, 2},   {1, 7},     {7, 1},     {16, 3},   {17, 5},
                               {31, 33}, {64, 48}, {1, 32768}, {32768, 1}, {455, 256}};

TEST(MaskComponents, AreThoseOfAFloodFill) {
  std::mt19937 random(1);
  MaskComponents components;
  for (const MaskSize size : kSizes) {
    ASSERT_TRUE(components.prepare(size));
    for (const TestMask& mask : masks_of(size, random)) {
      for (const float threshold : {0.1f, 0.5f}) {
        ASSERT_EQ(found(components, mask, threshold), flood_fill(mask, threshold))
            << size.width << "x" << size.height;
      }
    }
  }
}

TEST(FrontPerson, KeepsOneComponentAndNothingElse) {
  std::mt19937 random(2);
  FrontPerson front;
  for (const MaskSize size : kSizes) {
    std::vector<float> shown;
    for (const TestMask& mask : masks_of(size, random)) {
      ASSERT_TRUE(front.prepare(size, 90 * static_cast<int>(random() % 4)));
      const std::vector<int> components = flood_fill(mask, 0.1f);
      std::vector<float> kept = mask.values;
      front.keep(kept, shown);
      const auto first = std::ranges::find_if(kept, [](float value) { return value >= 0.1f; });
      const int chosen =
          first == kept.end() ? -1 : components[static_cast<std::size_t>(first - kept.begin())];
      const bool has_people = std::ranges::any_of(mask.values, [](float p) { return p >= 0.5f; });
      ASSERT_EQ(chosen >= 0, has_people) << size.width << "x" << size.height;
      for (std::size_t i = 0; i < kept.size(); ++i) {
        if (std::isnan(mask.values[i])) continue;
        ASSERT_EQ(kept[i], components[i] == chosen || components[i] < 0 ? mask.values[i] : 0);
      }
      shown = kept;
    }
  }
}

// --- The choice ---

class Room {
 public:
  explicit Room(int rotation = 0) { EXPECT_TRUE(front_.prepare(kSize, rotation)); }

  // Whether each of these people is kept.
  std::vector<bool> keep(const std::vector<MaskRect>& people) {
    TestMask mask(kSize);
    for (const MaskRect& person : people) mask.show(person);
    front_.keep(mask.values, shown_);
    shown_ = mask.values;
    std::vector<bool> kept;
    for (const MaskRect& person : people) kept.push_back(mask.at(person.x, person.y) == 1);
    return kept;
  }

 private:
  static constexpr MaskSize kSize{160, 160};
  FrontPerson front_;
  std::vector<float> shown_;
};

using Kept = std::vector<bool>;

TEST(FrontPerson, IsTheLargestNearTheMiddleAndTheBottom) {
  EXPECT_EQ(Room().keep({{10, 80, 30, 80}, {60, 40, 40, 120}}), (Kept{false, true}));
  EXPECT_EQ(Room().keep({{5, 60, 30, 100}, {65, 60, 30, 100}}), (Kept{false, true}));
  EXPECT_EQ(Room().keep({{125, 60, 30, 100}, {65, 60, 30, 100}}), (Kept{false, true}));
  EXPECT_EQ(Room().keep({{40, 10, 30, 100}, {90, 60, 30, 100}}), (Kept{false, true}));
}

// The frame as it is stored is the same; it is displayed otherwise.
TEST(FrontPerson, IsNearTheBottomAsTheFrameIsDisplayed) {
  const std::vector<MaskRect> people{
      {65, 5, 30, 30}, {65, 125, 30, 30}, {5, 65, 30, 30}, {125, 65, 30, 30}};
  EXPECT_EQ(Room(0).keep(people), (Kept{false, true, false, false}));
  EXPECT_EQ(Room(90).keep(people), (Kept{false, false, false, true}));
  EXPECT_EQ(Room(180).keep(people), (Kept{true, false, false, false}));
  EXPECT_EQ(Room(270).keep(people), (Kept{false, false, true, false}));
}

TEST(FrontPerson, StaysUntilSomebodyElseIsTwiceAsLarge) {
  Room room;
  const MaskRect person{30, 80, 40, 80};
  EXPECT_EQ(room.keep({person}), (Kept{true}));
  for (int height = 20; height < 150; height += 10) {
    EXPECT_EQ(room.keep({person, {90, 160 - height, 40, height}}), (Kept{true, false})) << height;
  }
  EXPECT_EQ(room.keep({person, {80, 0, 70, 160}}), (Kept{false, true}));
  // Back only when the other one is gone.
  EXPECT_EQ(room.keep({person, {90, 60, 40, 100}}), (Kept{false, true}));
  EXPECT_EQ(room.keep({person}), (Kept{true}));
}

TEST(FrontPerson, LeavesNothingOfTheSoftEdgeOfOthers) {
  TestMask mask({160, 160});
  mask.show({60, 40, 40, 120}).show({8, 68, 24, 54}, 0.1f).show({10, 70, 20, 50});
  FrontPerson front;
  ASSERT_TRUE(front.prepare(mask.size, 0));
  front.keep(mask.values, {});
  EXPECT_EQ(std::ranges::count(mask.values, 0.0f), 160 * 160 - 40 * 120);
}

TEST(FrontPerson, TellsWhereTheDroppedAre) {
  FrontPerson front;
  ASSERT_TRUE(front.prepare({160, 160}, 0));
  const auto dropped_of = [&](int strangers) {
    TestMask mask({160, 160});
    mask.show({60, 40, 40, 120}).show({0, 0, 4, 4}, 0.4f);  // the last one is nobody
    for (int i = 0; i < strangers; ++i) {
      mask.show({8, 16 * i + 8, 8, 4}, 0.2f).show({10, 16 * i + 9, 4, 2});
    }
    front.forget_dropped();
    front.keep(mask.values, {});
    return front.dropped();
  };
  EXPECT_TRUE(dropped_of(0).empty());
  ASSERT_EQ(dropped_of(2).size(), 2U);
  const Region second = dropped_of(2)[1];
  EXPECT_DOUBLE_EQ(160 * second.left, 8);
  EXPECT_DOUBLE_EQ(160 * second.top, 24);
  EXPECT_DOUBLE_EQ(160 * second.width, 8);
  EXPECT_DOUBLE_EQ(160 * second.height, 4);
  // More than there is room for: the last box is around several.
  const auto many = dropped_of(9);
  ASSERT_EQ(many.size(), 8U);
  EXPECT_DOUBLE_EQ(many[7].top, 0.75);
  EXPECT_DOUBLE_EQ(many[7].top + many[7].height, 0.875);
}

// --- The engine ---

CropEngine front_engine() {
  CropEngine engine(true);
  EXPECT_EQ(backdrop_set_only_front(engine.get(), 1), BACKDROP_OK);
  return engine;
}

int alpha_in(const std::vector<std::uint8_t>& alpha, const Box& box) {
  int most = 0;
  for (int y = box.top; y < box.bottom; ++y) {
    for (int x = box.left; x < box.right; ++x) {
      most = std::max<int>(most, alpha[static_cast<std::size_t>(y * kWidth + x)]);
    }
  }
  return most;
}

TEST(FrontEngine, ShowsOnlyThePersonInFront) {
  const Box person{260, 120, 380, 360}, stranger{40, 150, 110, 330}, around{0, 100, 200, 360};
  CropEngine all(true), engine = front_engine();
  for (int frame = 0; frame < 40; ++frame) {
    EXPECT_EQ(alpha_in(all.matte({person, stranger}), stranger), 255) << frame;
    const auto alpha = engine.matte({person, stranger});
    ASSERT_EQ(alpha_in(alpha, around), 0) << frame;
    ASSERT_EQ(alpha_in(alpha, {300, 200, 340, 300}), 255) << frame;
  }
  ASSERT_EQ(backdrop_set_only_front(engine.get(), 0), BACKDROP_OK);
  EXPECT_EQ(alpha_in(engine.matte({person, stranger}), stranger), 255);
  ASSERT_EQ(backdrop_set_only_front(engine.get(), 1), BACKDROP_OK);
  EXPECT_EQ(alpha_in(engine.matte({person, stranger}), around), 0);
}

// The network sees the person in front as large as if nobody else were there.
TEST(FrontEngine, LooksAtThatPersonOnly) {
  const Box person{300, 200, 360, 340}, stranger{20, 240, 60, 340};
  CropEngine alone(true), engine = front_engine();
  for (int frame = 0; frame < 35; ++frame) {
    EXPECT_EQ(engine.matte({person, stranger}), alone.matte({person})) << frame;
  }
}

// Who was taken for the room would not be a person any more.
TEST(FrontEngine, DoesNotLearnWhoStandsBehind) {
  CropEngine engine = front_engine();
  const Box person{260, 120, 380, 360}, stranger{420, 150, 490, 330};
  for (int frame = 0; frame < 40; ++frame) engine.matte({person, stranger});
  ASSERT_EQ(backdrop_set_only_front(engine.get(), 0), BACKDROP_OK);
  const std::vector<std::uint8_t> alpha = engine.matte({person, stranger});
  for (int y = 170; y < 310; ++y) ASSERT_EQ(alpha[static_cast<std::size_t>(y * kWidth + 440)], 255);
}

TEST(FrontEngine, DoesNotJumpToWhoWalksBy) {
  CropEngine engine = front_engine();
  const Box person{60, 140, 150, 360};
  engine.matte({person});
  for (int frame = 0; frame < 60; ++frame) {
    const int x = 640 - 7 * frame;
    if (x < 160) break;
    const Box passer_by{x, 160, std::min(x + 100, kWidth), 360};
    const auto alpha = engine.matte({person, passer_by});
    ASSERT_EQ(alpha_in(alpha, {170, 0, kWidth, kHeight}), 0) << frame;
    ASSERT_EQ(alpha_in(alpha, {90, 200, 120, 300}), 255) << frame;
  }
}

TEST(FrontEngine, TakesFramesOfAnySize) {
  CropEngine engine = front_engine();
  constexpr std::array<std::array<int, 2>, 7> kFrames{
      {{1, 1}, {1, 3000}, {3000, 1}, {2, 2}, {640, 360}, {360, 640}, {63, 65}}};
  for (int frame = 0; frame < 28; ++frame) {
    const auto [width, height] = kFrames[static_cast<std::size_t>(frame) % kFrames.size()];
    EXPECT_EQ(std::ranges::max(engine.matte({}, width, height)), 0);
    EXPECT_EQ(std::ranges::min(engine.matte({{0, 0, width, height}}, width, height)), 255);
  }
}

}  // namespace
}  // namespace backdrop::test
