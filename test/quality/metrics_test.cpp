// Each metric against cases computed by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "drawing.h"
#include "metrics/edge.h"
#include "metrics/edge_metrics.h"
#include "metrics/mask_metrics.h"
#include "metrics/matting_metrics.h"
#include "metrics/temporal_metrics.h"

namespace backdrop::quality::test {
namespace {

constexpr double kClose = 1e-4;

TEST(Edge, AnOutlineIsTwoPixelsWide) {
  const PixelSet edge = outline(stripe(20, 4, 8, 20));
  EXPECT_EQ(edge.count(), 2U * 4U);
  EXPECT_TRUE(edge.has(7, 2) && edge.has(8, 2));
  EXPECT_EQ(outline(Image(20, 4, 1, 1)).count(), 0U);  // the frame's end is no edge
  EXPECT_EQ(outline(stripe(1, 3, 0, 1)).count(), 0U);
}

TEST(Edge, ASoftEdgeHasAllThatIsNeitherClearNorOpaque) {
  Image alpha = stripe(20, 1, 12, 20);
  alpha.at(3, 0) = 0.03F;
  alpha.at(5, 0) = 0.01F;
  alpha.at(17, 0) = 0.97F;
  const PixelSet edge = soft_edge(alpha);
  EXPECT_EQ(edge.count(), 4U);  // 3, 11, 12 and 17
  EXPECT_TRUE(edge.has(3, 0) && edge.has(17, 0));
}

TEST(Edge, GrowsByADisc) {
  PixelSet set(31, 31);
  set.add(15, 15);
  const PixelSet disc = grown(set, 5);
  EXPECT_EQ(disc.count(), 81U);  // Gauss's circle problem, N(5)
  EXPECT_TRUE(disc.has(18, 19));
  EXPECT_FALSE(disc.has(19, 19));
  EXPECT_EQ(grown(set, 0).count(), 1U);
}

TEST(Edge, ADiscIsCutAtTheFramesEnd) {
  PixelSet set(8, 8);
  set.add(0, 0);
  EXPECT_EQ(grown(set, 2).count(), 6U);
}

TEST(Iou, IsTheShareOfTheUnion) {
  EXPECT_DOUBLE_EQ(iou(stripe(10, 3, 0, 4), stripe(10, 3, 2, 6)), 2.0 / 6);
  EXPECT_DOUBLE_EQ(iou(stripe(10, 3, 2, 6), stripe(10, 3, 2, 6)), 1);
  EXPECT_DOUBLE_EQ(iou(stripe(10, 3, 0, 4), stripe(10, 3, 5, 6)), 0);
}

TEST(Iou, OfNobodyIsNone) {
  EXPECT_TRUE(std::isnan(iou(stripe(10, 3, 0, 1), Image(10, 3, 1))));
  EXPECT_EQ(iou(Image(10, 3, 1), stripe(10, 3, 0, 1)), 0);
}

TEST(BoundaryF, ToleratesThreePixels) {
  const Image truth = stripe(40, 5, 20, 40);
  EXPECT_DOUBLE_EQ(boundary_f_score(truth, truth), 100);
  EXPECT_DOUBLE_EQ(boundary_f_score(stripe(40, 5, 23, 40), truth), 100);
  // One of the outline's two columns is near.
  EXPECT_DOUBLE_EQ(boundary_f_score(stripe(40, 5, 24, 40), truth), 50);
  EXPECT_DOUBLE_EQ(boundary_f_score(stripe(40, 5, 25, 40), truth), 0);
}

TEST(BoundaryF, IsTheHarmonicMeanOfPrecisionAndRecall) {
  // Of four columns two are right: precision 1/2, recall 1.
  EXPECT_NEAR(boundary_f_score(stripe(60, 5, 20, 40), stripe(60, 5, 20, 60)), 100 * 2.0 / 3,
              kClose);
  EXPECT_TRUE(std::isnan(boundary_f_score(stripe(9, 9, 3, 9), Image(9, 9, 1))));
  EXPECT_EQ(boundary_f_score(Image(9, 9, 1), stripe(9, 9, 3, 9)), 0);
}

TEST(EdgeError, CountsOnlyTheBand) {
  const Image truth = stripe(60, 4, 30, 60);
  const PixelSet band = edge_band(truth);
  EXPECT_EQ(band.count(), 26U * 4U);  // columns 17 to 42
  Image alpha = truth;
  for (int y = 0; y < 4; ++y) {
    alpha.at(17, y) = 0.5F;
    alpha.at(16, y) = 1;  // beyond
    alpha.at(43, y) = 0;  // beyond
  }
  EXPECT_NEAR(edge_error(alpha, truth, band), 255 * 0.5 / 26, kClose);
  EXPECT_TRUE(std::isnan(edge_error(truth, truth, edge_band(Image(60, 4, 1)))));
}

TEST(ColorError, IsTheMeanOverTheBandsChannels) {
  const Image alpha = stripe(60, 4, 30, 60);
  const Image truth(60, 4, 3, 100);
  Image colors = truth;
  for (int y = 0; y < 4; ++y) {
    colors.at(20, y, 0) = 160;
    colors.at(40, y, 2) = 70;
    colors.at(2, y, 1) = 0;  // beyond
  }
  EXPECT_NEAR(color_error(to_picture(colors), truth, edge_band(alpha)), 90.0 / (26 * 3), kClose);
}

TEST(HaloBand, LiesOutsideThePerson) {
  Image truth = stripe(80, 4, 40, 80);
  truth.at(39, 0) = 0.01F;
  const PixelSet band = halo_band(truth);
  EXPECT_EQ(band.count(), 25U * 4U - 1U);  // columns 15 to 39
  EXPECT_FALSE(band.has(40, 1));
}

TEST(Matting, AbsoluteAndSquaredDifferences) {
  const Image truth = stripe(10, 10, 5, 10);
  Image alpha = truth;
  alpha.at(0, 0) = 0.5F;
  alpha.at(9, 9) = 0;
  EXPECT_NEAR(mad(alpha, truth), 1000 * 1.5 / 100, kClose);
  EXPECT_NEAR(mse(alpha, truth), 1000 * 1.25 / 100, kClose);
  EXPECT_NEAR(sad(alpha, truth), 1.5 / 1000, kClose);
  EXPECT_EQ(sad(truth, truth), 0);
}

// A ramp of slope s has a gradient of s times the response of the filter to x, which is
// sum(x^2 g(x)) sum(g(y)) for filters whose sums of squares are 1.
TEST(Gradient, OfARampIsItsSlopeTimesTheFiltersGain) {
  double moment = 0;
  double sum = 0;
  double slope_squares = 0;
  double smooth_squares = 0;
  for (int x = -5; x <= 5; ++x) {
    const double g = std::exp(-x * x / (2 * 1.4 * 1.4));
    moment += x * x * g;
    sum += g;
    slope_squares += x * x * g * g;
    smooth_squares += g * g;
  }
  const double gain = moment * sum / std::sqrt(slope_squares * smooth_squares);

  constexpr int kSide = 40;
  Image ramp(kSide, kSide, 1);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) ramp.at(x, y) = 0.01F * static_cast<float>(x);
  }
  // Within 5 columns of the ends the ramp is cut; they add up to less than a tenth of them.
  const double per_pixel = gain * gain * 1e-4;
  const double error = gradient_error(ramp, Image(kSide, kSide, 1));
  EXPECT_LT(error, per_pixel * kSide * kSide / 1000);
  EXPECT_GT(error, per_pixel * (kSide - 10) * kSide / 1000);
  EXPECT_EQ(gradient_error(ramp, ramp), 0);
}

// An impulse of alpha: the response to it is the filter itself, so that the sum of squares is 1 for
// each of the two directions.
TEST(Gradient, OfAnImpulseIsTwo) {
  Image impulse(31, 31, 1);
  impulse.at(15, 15) = 1;
  EXPECT_NEAR(gradient_error(impulse, Image(31, 31, 1)), 2.0 / 1000, 1e-6);
}

TEST(Connectivity, AnIslandIsNotConnected) {
  const Image truth = rectangle(20, 20, 0, 0, 10, 10);
  Image alpha = truth;
  EXPECT_EQ(connectivity_error(alpha, truth), 0);
  // The island belongs to no component at any level but 0: its connectedness is 1 - 0.6, the true
  // one 1.
  alpha.at(15, 15) = 0.6F;
  EXPECT_NEAR(connectivity_error(alpha, truth), 0.6 / 1000, kClose / 1000);
  alpha.at(15, 15) = 0.1F;  // below theta
  EXPECT_EQ(connectivity_error(alpha, truth), 0);
}

TEST(Connectivity, AHoleLosesWhatIsMissing) {
  const Image truth = rectangle(20, 20, 0, 0, 10, 10);
  Image alpha = truth;
  // Both are connected up to 0.5; the truth goes on to 1.
  alpha.at(4, 4) = 0.55F;
  EXPECT_NEAR(connectivity_error(alpha, truth), 0.5 / 1000, kClose / 1000);
}

TEST(Connectivity, OnlyTheLargestComponentIsTheSource) {
  Image truth = rectangle(20, 20, 0, 0, 10, 10);
  truth.at(15, 15) = 1;
  Image alpha = truth;
  EXPECT_EQ(connectivity_error(alpha, truth), 0);  // both lose the same
  alpha.at(15, 15) = 0;
  EXPECT_NEAR(connectivity_error(alpha, truth), 1.0 / 1000, kClose / 1000);
}

TEST(Dtssd, ComparesTheChanges) {
  const AlphaPair before{.alpha = Image(10, 10, 1, 0.3F), .truth = Image(10, 10, 1, 0)};
  const AlphaPair steady_offset{.alpha = Image(10, 10, 1, 0.5F), .truth = Image(10, 10, 1, 0.2F)};
  EXPECT_NEAR(dtssd(before, steady_offset), 0, kClose);
  const AlphaPair faster{.alpha = Image(10, 10, 1, 0.6F), .truth = Image(10, 10, 1, 0.2F)};
  EXPECT_NEAR(dtssd(before, faster), 100 * 0.1, kClose);
  AlphaPair at_a_pixel = before;
  at_a_pixel.alpha.at(3, 3) = 0.8F;
  EXPECT_NEAR(dtssd(before, at_a_pixel), 100 * std::sqrt(0.25 / 100), kClose);
}

TEST(Flicker, CountsOnlyWhereTheTruthStands) {
  constexpr int kRows = 30;
  const Image truth = stripe(60, kRows, 30, 60);
  const PixelSet band = edge_band(truth);
  const AlphaPair before{.alpha = truth, .truth = truth};
  AlphaPair now = before;
  EXPECT_EQ(flicker(before, now, band), 0);
  for (int y = 0; y < kRows; ++y) {
    now.alpha.at(25, y) = 0.2F;
    now.alpha.at(29, y) = 1;  // as the true edge moved
    now.truth.at(29, y) = 1;
    now.alpha.at(2, y) = 1;  // beyond the band
  }
  EXPECT_NEAR(flicker(before, now, band), 255 * 0.2 / 25, 1e-3);
}

TEST(Flicker, NeedsFiveHundredPixels) {
  const Image truth = stripe(60, 10, 30, 60);
  const AlphaPair frame{.alpha = truth, .truth = truth};
  EXPECT_TRUE(std::isnan(flicker(frame, frame, edge_band(truth))));
}

TEST(Lag, IsTheDelayOfTheAlpha) {
  for (const int delay : {0, 1, 3, 8}) {
    Lag lag;
    for (int i = 0; i < 20; ++i) {
      const auto at = [](int frame) {
        return stripe(120, 2, 10 + 3 * std::max(0, frame), 40 + 3 * std::max(0, frame));
      };
      lag.add({.alpha = at(i - delay), .truth = at(i)});
    }
    EXPECT_EQ(lag.frames(), delay);
  }
}

TEST(Lag, OfAStandingPersonIsNone) {
  Lag lag;
  const Image truth = stripe(20, 2, 3, 9);
  for (int i = 0; i < 20; ++i) lag.add({.alpha = stripe(20, 2, 4, 9), .truth = truth});
  EXPECT_EQ(lag.frames(), 0);
}

}  // namespace
}  // namespace backdrop::quality::test
