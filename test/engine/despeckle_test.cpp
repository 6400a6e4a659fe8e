// Small holes and islands of masks, and the engine that removes them.
#include "segment/despeckle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "crop_engine.h"
#include "test_mask.h"

namespace backdrop::test {
namespace {

// A person of 10,000 pixels: islands of less than 40 pixels are small, and holes of less than 10.
constexpr MaskSize kSize{160, 120};
constexpr MaskRect kPerson{20, 10, 100, 100};

TestMask with_person() { return TestMask(kSize).show(kPerson); }

TestMask despeckled(TestMask mask) {
  Despeckle despeckle;
  EXPECT_TRUE(despeckle.prepare(mask.size));
  despeckle.run(mask.values);
  return mask;
}

TEST(Despeckle, DropsSmallIslandsWithTheirSoftEdges) {
  const TestMask mask =
      with_person().show({130, 20, 4, 5}, 0.2F).show({131, 21, 2, 3}).show({150, 119, 1, 1});
  EXPECT_EQ(despeckled(mask).values, with_person().values);
}

TEST(Despeckle, KeepsLargeIslands) {
  const TestMask mask = with_person().show({130, 20, 7, 6}).show({130, 60, 4, 12}, 0.5F);
  EXPECT_EQ(despeckled(mask).values, mask.values);
}

TEST(Despeckle, FillsSmallHolesWithTheirSoftEdges) {
  const TestMask mask = with_person().show({50, 50, 2, 2}, 0.8F).show({51, 51, 1, 1}, 0);
  EXPECT_EQ(despeckled(mask).values, with_person().values);
}

TEST(Despeckle, KeepsLargeHolesAndGapsThatAreOpen) {
  const TestMask mask = with_person()
                            .show({50, 50, 4, 3}, 0)
                            .show({20, 40, 3, 1}, 0)     // at the person's side
                            .show({119, 109, 1, 1}, 0);  // touches the outside by a corner
  EXPECT_EQ(despeckled(mask).values, mask.values);
}

TEST(Despeckle, KeepsGapsAtTheBorder) {
  const TestMask mask = TestMask({100, 100}).show({0, 0, 100, 100}).show({40, 99, 2, 1}, 0);
  EXPECT_EQ(despeckled(mask).values, mask.values);
}

TEST(Despeckle, FillsAndDropsInPartNearTheLimits) {
  TestMask mask = with_person().show({130, 20, 10, 3}).show({50, 50, 7, 1}, 0);
  mask = despeckled(mask);
  const float person = 10'000 - 7;
  EXPECT_NEAR(mask.at(130, 20), 2 * 30 / (0.004F * person) - 1, 1e-4);
  EXPECT_NEAR(mask.at(50, 50), 1 - (2 * 7 / (0.001F * person) - 1), 1e-4);
}

TEST(Despeckle, LeavesWhatIsNoMask) {
  const TestMask empty(kSize), full = TestMask(kSize).show({0, 0, 160, 120});
  EXPECT_EQ(despeckled(empty).values, empty.values);
  EXPECT_EQ(despeckled(full).values, full.values);
  TestMask unknown = with_person();
  unknown.at(50, 50) = unknown.at(140, 50) = std::numeric_limits<float>::quiet_NaN();
  unknown = despeckled(unknown);
  EXPECT_TRUE(std::isnan(unknown.at(50, 50)) && std::isnan(unknown.at(140, 50)));
  unknown.at(50, 50) = 1;
  unknown.at(140, 50) = 0;
  EXPECT_EQ(unknown.values, with_person().values);
}

TEST(Despeckle, MasksOfOnePixelAndOfOneRow) {
  for (const MaskSize size : {MaskSize{1, 1}, MaskSize{1, 300}, MaskSize{300, 1}}) {
    const TestMask mask = TestMask(size).show({0, 0, 1, 1});
    EXPECT_EQ(despeckled(mask).values, mask.values);
  }
}

// The alpha of a dot beside the person.
int dot_of(CropEngine& engine) {
  const std::vector<Box> people{{20, 10, 560, 360}, {605, 105, 615, 115}};
  return engine.matte(people)[110 * kWidth + 610];
}

TEST(DespeckleEngine, DropsADotByDefaultAndKeepsItIfAskedTo) {
  CropEngine engine(false);
  EXPECT_EQ(dot_of(engine), 0);
  ASSERT_EQ(backdrop_set_despeckling(engine.get(), 0), BACKDROP_OK);
  EXPECT_GT(dot_of(engine), 0);
  ASSERT_EQ(backdrop_set_despeckling(engine.get(), 1), BACKDROP_OK);
  EXPECT_EQ(dot_of(engine), 0);
}

}  // namespace
}  // namespace backdrop::test
