// Where a network's output pixels lie on its input, and their resampling to an even grid.
#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "net/graph/output_grid.h"
#include "reference.h"
#include "segment/grid_resampler.h"

namespace backdrop {
namespace {

// Builds networks of means. Given a ramp, such a network outputs the position of each of its
// pixels.
class RampNetwork {
 public:
  explicit RampNetwork(int width) {
    graph_.input = graph_.output = graph_.add_tensor("input", {1, width, 1});
  }

  void add(Node node, int width) {
    node.inputs.insert(node.inputs.begin(), graph_.output);
    graph_.output = node.output = graph_.add_tensor("t", {1, width, 1});
    graph_.nodes.push_back(std::move(node));
  }

  // A window of 3 with SAME padding.
  void add_convolution(int stride, int dilation = 1) {
    Node node{.kind = OpKind::kConv2d};
    const int width = (last_width() - 1) / stride + 1;
    const int missing = (width - 1) * stride + 2 * dilation + 1 - last_width();
    node.window = {.width = 3,
                   .stride_x = stride,
                   .dilation_x = dilation,
                   .pad_left = std::max(missing, 0) / 2};
    node.filter = graph_.add_tensor("filter", {1, 3, 1}, std::vector{1.0F / 3, 1.0F / 3, 1.0F / 3});
    node.bias = graph_.add_tensor("bias", {1, 1, 1}, std::vector{0.0F});
    add(std::move(node), width);
  }

  void add_resize(int width, bool align_corners, bool half_pixel_centers) {
    add({.kind = OpKind::kResizeBilinear,
         .align_corners = align_corners,
         .half_pixel_centers = half_pixel_centers},
        width);
  }

  Graph& graph() { return graph_; }
  int last_width() const { return graph_.shape(graph_.output).width; }

  // The grid has the positions that the network itself finds, except for `border` pixels at each
  // end, where windows reach over the input's edge.
  void expect_positions_of_ramp(int border) const {
    const auto grid = output_grid(graph_);
    ASSERT_TRUE(grid);
    std::vector<float> ramp(graph_.shape(graph_.input).size());
    for (std::size_t i = 0; i < ramp.size(); ++i) ramp[i] = static_cast<float>(i);
    const std::vector<float> places = reference::run(graph_, ramp);
    ASSERT_GT(last_width(), 2 * border);
    for (int i = border; i < last_width() - border; ++i) {
      EXPECT_NEAR(grid->x.first + static_cast<float>(i) * grid->x.step,
                  places[static_cast<std::size_t>(i)], 1e-3)
          << i;
    }
  }

 private:
  Graph graph_;
};

TEST(OutputGrid, FollowsStridesOverOddAndEvenWidths) {
  for (const int width : {64, 65, 71, 90}) {
    RampNetwork network(width);
    for (int i = 0; i < 3; ++i) network.add_convolution(2);
    network.add_convolution(1, 2);
    network.expect_positions_of_ramp(3);
  }
}

TEST(OutputGrid, PutsBodyPixsPixelsOnCornersOfOddInputsOnly) {
  RampNetwork odd(257), even(320);
  for (int i = 0; i < 3; ++i) {
    odd.add_convolution(2);
    even.add_convolution(2);
  }
  EXPECT_EQ(output_grid(odd.graph())->x.first, 0);
  EXPECT_EQ(output_grid(even.graph())->x.first, 7);
  EXPECT_EQ(output_grid(even.graph())->x.step, 8);
}

TEST(OutputGrid, FollowsResizesInEachConvention) {
  for (const auto& [align, half] : {std::pair{true, false}, {false, true}, {false, false}}) {
    RampNetwork network(65);
    network.add_convolution(2);
    network.add_resize(50, align, half);
    network.expect_positions_of_ramp(3);
  }
}

TEST(OutputGrid, FollowsPadding) {
  RampNetwork network(20);
  network.add({.kind = OpKind::kPad, .window = {.pad_left = 3}}, 25);
  network.add_convolution(1);
  const auto grid = output_grid(network.graph());
  ASSERT_TRUE(grid);
  EXPECT_EQ(grid->x.first, -3);
}

TEST(OutputGrid, FollowsTransposedConvolutions) {
  RampNetwork network(16);
  network.add({.kind = OpKind::kTransposeConv2d, .window = {.width = 2, .stride_x = 2}}, 32);
  const auto grid = output_grid(network.graph());
  ASSERT_TRUE(grid);
  EXPECT_EQ(grid->x.step, 0.5F);
  EXPECT_EQ(grid->x.first, -0.25F);  // two output pixels for each input pixel
}

TEST(OutputGrid, IsUnknownWhereDifferentGridsMeet) {
  RampNetwork network(64);
  const TensorId input = network.graph().input;
  network.add_convolution(2);
  network.add_resize(64, false, true);
  ASSERT_TRUE(output_grid(network.graph()));
  network.add({.kind = OpKind::kAdd, .inputs = {input}}, 64);
  EXPECT_FALSE(output_grid(network.graph()));
}

// All pixels of the second resize are the one that the first has left.
TEST(OutputGrid, IsUnknownWhereAllPixelsLieOnOne) {
  RampNetwork network(16);
  network.add_resize(1, false, false);
  network.add_resize(8, true, false);
  EXPECT_FALSE(output_grid(network.graph()));
}

TEST(OutputGrid, IsNotMovedByBroadcastVectors) {
  RampNetwork network(33);
  network.add_convolution(2);
  const auto before = output_grid(network.graph());
  const TensorId picture = network.graph().output;
  network.add({.kind = OpKind::kAveragePool, .window = {.width = 17}}, 1);
  network.add({.kind = OpKind::kAdd, .inputs = {picture}}, 17);
  const auto after = output_grid(network.graph());
  ASSERT_TRUE(before && after);
  EXPECT_EQ(before->x.first, after->x.first);
  EXPECT_EQ(before->x.step, after->x.step);
}

TEST(GridResampler, IsNeededForOffCentreGrids) {
  const auto is_needed = [](GridAxis axis, int pixels, int coarse) {
    return GridResampler::is_needed({axis, axis}, {pixels, pixels, 3}, {coarse, coarse, 1});
  };
  EXPECT_FALSE(is_needed({0, 1}, 257, 257));
  EXPECT_FALSE(is_needed({3.5F, 8}, 320, 40));
  EXPECT_TRUE(is_needed({0, 8}, 257, 33));
  EXPECT_TRUE(is_needed({7, 8}, 320, 40));
}

// Given values that grow with the position, the resampler outputs the positions of its own grid.
TEST(GridResampler, KeepsPositions) {
  const OutputGrid coarse_grid{{7, 8}, {0, 8}};
  const Shape input{180, 257, 3};
  const Shape coarse{23, 33, 2};
  GridResampler resampler;
  ASSERT_TRUE(resampler.prepare(coarse_grid, input, coarse));
  EXPECT_EQ(resampler.shape(), (Shape{90, 129, 2}));

  std::vector<float> values;
  for (int y = 0; y < coarse.height; ++y) {
    for (int x = 0; x < coarse.width; ++x) {
      values.push_back(7 + 8 * static_cast<float>(y));
      values.push_back(8 * static_cast<float>(x));
    }
  }
  const std::span<const float> grid = resampler.run(values.data());
  ASSERT_EQ(grid.size(), resampler.shape().size());
  for (int y = 0; y < 90; ++y) {
    for (int x = 0; x < 129; ++x) {
      const auto at = static_cast<std::size_t>(2 * (y * 129 + x));
      const float row = (static_cast<float>(y) + 0.5F) * 180 / 90 - 0.5F;
      const float column = (static_cast<float>(x) + 0.5F) * 257 / 129 - 0.5F;
      // Beyond the outermost pixels their values repeat.
      EXPECT_NEAR(grid[at], std::clamp(row, 7.0F, 183.0F), 1e-3);
      EXPECT_NEAR(grid[at + 1], std::clamp(column, 0.0F, 256.0F), 1e-3);
    }
  }
}

}  // namespace
}  // namespace backdrop
