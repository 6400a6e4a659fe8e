// Compares every kernel with the plain reference, on every instruction set of this machine, over
// odd shapes.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>

#include "base/buffer.h"
#include "net/graph/graph.h"
#include "net/graph/tensor_layout.h"
#include "net/graph/verify.h"
#include "hwy/targets.h"
#include "net/kernels/kernel.h"
#include "reference.h"
#include "base/executor.h"
#include "net/network.h"
#include "platform/thread_pool.h"
#include "graph_maker.h"
#include "support.h"

namespace backdrop {
namespace {

using test::GraphMaker;

// Memory for a tensor with a halo of zeros. Everything else around the rows is NaN, so that a
// kernel that reads too far gives NaN.
class TensorMemory {
 public:
  TensorMemory(std::vector<float> values, const Shape& shape, Halo halo) : shape_(shape) {
    if (halo != Halo{}) halo.right += 3;
    layout_ = layout_of(shape, halo);
    memory_.assign(layout_.size, NAN);
    clear_halos(rows(), shape, halo, {0, shape.height});
    const std::size_t row = layout_of(shape, {}).stride;
    // Filters have more values than their shape says. Kernels do not read filters from here.
    for (std::size_t y = 0; values.size() == shape.size() && y < values.size() / row; ++y) {
      std::copy_n(values.data() + y * row, row,
                  memory_.data() + layout_.first + y * layout_.stride);
    }
  }

  Rows rows() {
    return {memory_.data() + layout_.first, layout_.stride,
            static_cast<std::size_t>(shape_.height)};
  }

  std::vector<float> values() {
    std::vector<float> values;
    const std::size_t row = layout_of(shape_, {}).stride;
    for (std::size_t at = layout_.first; at < memory_.size(); at += layout_.stride) {
      values.insert(values.end(), memory_.data() + at, memory_.data() + at + row);
    }
    return values;
  }

 private:
  Shape shape_;
  RowLayout layout_{};
  std::vector<float> memory_;
};

// Runs the kernel of each node, without passes or an execution plan.
std::vector<float> run_kernels(const Graph& graph, const std::vector<float>& input) {
  const std::vector<Halo> halos = find_halos(graph);
  std::vector<TensorMemory> memory;
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    const Tensor& tensor = graph.tensors[i];
    const bool is_input = static_cast<TensorId>(i) == graph.input;
    memory.emplace_back(is_input ? input : tensor.constant.copy(), tensor.shape, halos[i]);
  }
  const auto place = [&](TensorId id) {
    return id == kNoTensor ? Rows{} : memory[static_cast<std::size_t>(id)].rows();
  };
  for (const Node& node : graph.nodes) {
    KernelSpec spec{node, {}, graph.shape(node.output)};
    Operands operands;
    for (const TensorId id : node.inputs) {
      spec.inputs.push_back(graph.shape(id));
      operands.inputs.push_back(place(id));
    }
    if (node.filter != kNoTensor) spec.filter = graph.at(node.filter).constant.values();
    if (node.bias != kNoTensor) spec.bias = graph.at(node.bias).constant.values();
    if (node.mean != kNoTensor) spec.mean = graph.at(node.mean).constant.values();
    operands.gate = place(node.gate).data;
    operands.residual = place(node.residual);
    operands.output = place(node.output);
    const auto kernel = make_kernel(spec);
    auto scratch = Buffer<float>::zeros(kernel->scratch_size() + 1);
    operands.scratch = scratch.data();
    kernel->begin(operands);
    // Two parts, as with two threads.
    const std::size_t half = kernel->rows() / 2;
    kernel->run_rows(half, kernel->rows(), operands);
    kernel->run_rows(0, half, operands);
    kernel->finish(operands);
  }
  return memory[static_cast<std::size_t>(graph.output)].values();
}

void expect_near(const std::vector<float>& actual, const std::vector<float>& expected,
                 const std::string& what) {
  ASSERT_EQ(actual.size(), expected.size()) << what;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const float tolerance = 2e-5F * std::max(1.0F, std::fabs(expected[i]));
    ASSERT_NEAR(actual[i], expected[i], tolerance) << what << ", value " << i;
  }
}

// What is not a number in `expected` is none in `actual`, either. Kernels may give NaN more often:
// 0 times infinity is NaN, as is the difference of two infinities.
void expect_as_unknown(const std::vector<float>& actual, const std::vector<float>& expected,
                       const std::string& what) {
  ASSERT_EQ(actual.size(), expected.size()) << what;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (std::isnan(actual[i]) || actual[i] == expected[i]) continue;
    const float tolerance = 2e-5F * std::max(1.0F, std::fabs(expected[i]));
    ASSERT_TRUE(std::fabs(actual[i] - expected[i]) <= tolerance)
        << what << ", value " << i << " is " << actual[i] << " instead of " << expected[i];
  }
}

// With noise, and with one value that is infinite or not a number.
void expect_as_reference(const GraphMaker& maker, const std::string& what) {
  const Graph& graph = maker.graph;
  std::vector<float> input = test::noise(graph.shape(graph.input).size(), 99);
  for (float& value : input) value *= 4;  // reaches the saturated ends of the activations
  const std::vector<float> expected = reference::run(graph, input);
  const std::size_t place = what.size() * 31 % input.size();
  const float number = input[place];
  for (const float special : {INFINITY, -INFINITY, NAN}) {
    input[place] = special;
    const std::vector<float> unknown = reference::run(graph, input);
    for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
      hwy::SetSupportedTargetsForTest(target);
      expect_as_unknown(
          run_kernels(graph, input), unknown,
          what + " with " + std::to_string(special) + " on " + hwy::TargetName(target));
      hwy::SetSupportedTargetsForTest(0);
    }
  }
  input[place] = number;
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    expect_near(run_kernels(graph, input), expected, what + " on " + hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(0);
  }
}

std::string describe(Shape s) {
  return std::to_string(s.height) + "x" + std::to_string(s.width) + "x" +
         std::to_string(s.channels);
}

constexpr Activation kActivations[] = {Activation::kNone, Activation::kRelu, Activation::kRelu6,
                                       Activation::kHardSwish, Activation::kSigmoid};

// The output size and the padding of TensorFlow's SAME.
Shape same_padding(Window& w, Shape in, int channels) {
  const auto along = [](int size, int window, int stride, int dilation, int& pad) {
    const int out = (size - 1) / stride + 1;
    pad = std::max((out - 1) * stride + (window - 1) * dilation + 1 - size, 0) / 2;
    return out;
  };
  const int height = along(in.height, w.height, w.stride_y, w.dilation_y, w.pad_top);
  const int width = along(in.width, w.width, w.stride_x, w.dilation_x, w.pad_left);
  return {height, width, channels};
}

std::size_t to_size(int value) { return static_cast<std::size_t>(value); }

// `count` times `length` whole numbers from -127 to 127, of which each `length` begins with 127.
std::vector<float> whole_numbers(std::size_t count, std::size_t length) {
  std::vector<float> values = test::noise(count * length, 3);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = i % length == 0 ? 127 : std::floor(values[i] * 127);
  }
  return values;
}

const std::vector<Window> kWindows = {
    {.height = 1, .width = 1},
    {.height = 3, .width = 3},
    {.height = 3, .width = 3, .stride_y = 2, .stride_x = 2},
    {.height = 5, .width = 5},
    {.height = 5, .width = 5, .stride_y = 2, .stride_x = 2},
    {.height = 2, .width = 4, .stride_y = 3, .stride_x = 1},
    {.height = 3, .width = 3, .dilation_y = 2, .dilation_x = 2},
    {.height = 7, .width = 1, .dilation_y = 2},
};

TEST(Kernels, Conv2d) {
  int variant = 0;
  for (const Window& window : kWindows) {
    for (const Shape in : {Shape{1, 1, 3}, Shape{5, 7, 1}, Shape{9, 29, 5}, Shape{4, 3, 16}}) {
      for (const int channels : {1, 2, 4, 7, 8, 16, 24, 33}) {
        GraphMaker maker(in);
        Window w = window;
        const Shape out = same_padding(w, in, channels);
        Node node = maker.convolution(maker.graph.input, w, channels);
        node.activation = kActivations[++variant % 5];
        if (variant % 3 == 0) node.residual = maker.constant(out, 1);
        if (variant % 2 == 0 && w == Window{}) node.gate = maker.constant({1, 1, in.channels}, 1);
        maker.add(node, out);
        expect_as_reference(maker, "convolution of " + describe(in) + " to " + describe(out));
      }
    }
  }
}

TEST(Kernels, DepthwiseConv2d) {
  int variant = 0;
  for (const Window& window : kWindows) {
    for (const int channels : {1, 3, 4, 8, 15, 16, 24, 40}) {
      for (const Shape size : {Shape{1, 1, 0}, Shape{4, 5, 0}, Shape{7, 31, 0}}) {
        const Shape in{size.height, size.width, channels};
        GraphMaker maker(in);
        Window w = window;
        const Shape out = same_padding(w, in, channels);
        Node node = maker.convolution(maker.graph.input, w, 1);
        node.kind = OpKind::kDepthwiseConv2d;
        node.bias = maker.constant({1, 1, channels}, 1);
        node.activation = kActivations[++variant % 5];
        if (variant % 2 == 0) node.residual = maker.constant(out, 1);
        maker.add(node, out);
        expect_as_reference(maker, "depthwise convolution of " + describe(in));
      }
    }
  }
}

TEST(Kernels, DepthwiseConv2dDilated) {
  for (const int dilation : {2, 3, 4}) {
    for (const int size : {3, 5}) {
      for (const Shape in : {Shape{3, 6, 8}, Shape{5, 33, 24}, Shape{9, 70, 5}}) {
        GraphMaker maker(in);
        Window w{.height = size, .width = size, .dilation_y = dilation, .dilation_x = dilation};
        const Shape out = same_padding(w, in, in.channels);
        Node node = maker.convolution(maker.graph.input, w, 1);
        node.kind = OpKind::kDepthwiseConv2d;
        node.bias = maker.constant({1, 1, in.channels}, 1);
        maker.add(node, out);
        expect_as_reference(maker, "dilated depthwise convolution of " + describe(in));
      }
    }
  }
}

// The output has a halo because a depthwise convolution reads it.
TEST(Kernels, PointwiseConv2dToRowsWithAHalo) {
  for (const int height : {1, 7, 26}) {
    for (const int width : {1, 4, 11, 13, 33}) {
      for (const int channels : {5, 16}) {
        GraphMaker maker({height, width, 7});
        const Shape out{height, width, channels};
        Node node = maker.convolution(maker.graph.input, {}, channels);
        node.activation = kActivations[(width + channels) % 5];
        if (width % 2 == 1) node.residual = maker.constant(out, 1);
        const TensorId between = maker.add(node, out);
        const Window window{.height = 3, .width = 3, .pad_top = 1, .pad_left = 1};
        maker.add(maker.depthwise_convolution(between, window), out);
        expect_as_reference(maker, "pointwise convolution to " + describe(out));
      }
    }
  }
}

// Filters of about a megabyte: the rows of a band share each panel.
TEST(Kernels, Conv2dWithALargeFilter) {
  for (const Window& window : {Window{}, Window{.height = 3, .width = 3}}) {
    const Shape in{15, 9, window == Window{} ? 520 : 58};
    GraphMaker maker(in);
    Window w = window;
    const Shape out = same_padding(w, in, 517);
    Node node = maker.convolution(maker.graph.input, w, out.channels);
    Constant& filter = maker.graph.at(node.filter).constant;
    std::vector<float> weights = filter.take();
    for (float& weight : weights) weight /= 16;
    filter = std::move(weights);
    node.residual = maker.constant(out, 1);
    maker.add(node, out);
    expect_as_reference(maker, "convolution of " + describe(in) + " to " + describe(out));
  }
}

// Inputs that are the lowest or the highest level, and weights that are whole numbers up to 127:
// only what is computed from the integers is rounded.
TEST(Kernels, IntegerConv2dOfIntegersIsExact) {
  int variant = 0;
  for (const Window& window : kWindows) {
    for (const Shape in : {Shape{1, 8, 16}, Shape{5, 70, 32}, Shape{9, 29, 48}}) {
      for (const int channels : {32, 33, 47, 80}) {
        GraphMaker maker(in);
        Window w = window;
        const Shape out = same_padding(w, in, channels);
        if (!fits_integers(w, in, out)) continue;
        Node node = maker.convolution(maker.graph.input, w, channels);
        node.kind = OpKind::kIntegerConv2d;
        node.activation = kActivations[++variant % 4];
        if (variant % 3 == 0) node.residual = maker.constant(out, 1);
        const std::size_t depth = maker.graph.shape(node.filter).size();
        maker.graph.at(node.filter).constant = whole_numbers(to_size(channels), depth);
        maker.add(node, out);
        std::vector<float> input = test::noise(in.size(), 3);
        for (float& value : input) value = value > 0 ? 127 : 0;
        const std::vector<float> expected = reference::run(maker.graph, input);
        // The smallest product is 127.
        const float most = 1e-6F * 127 * 127 * static_cast<float>(depth);
        for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
          hwy::SetSupportedTargetsForTest(target);
          if (has_integer_kernels()) {
            const std::vector<float> actual = run_kernels(maker.graph, input);
            for (std::size_t i = 0; i < actual.size(); ++i) {
              ASSERT_NEAR(actual[i], expected[i], most)
                  << describe(in) << " to " << describe(out) << " on " << hwy::TargetName(target);
            }
          }
          hwy::SetSupportedTargetsForTest(0);
        }
      }
    }
  }
}

// The lowest and the highest level, which are exact: what the weights' rounding adds to their mean
// is made good.
TEST(Kernels, IntegerConv2dOfItsMeanIsExact) {
  const Shape in{2, 9, 64};
  GraphMaker maker(in);
  Node node = maker.convolution(maker.graph.input, {}, 48);
  node.kind = OpKind::kIntegerConv2d;
  std::vector<float> mean = test::noise(64, 3);
  for (float& value : mean) value = value > 0 ? 1 : 0;
  node.mean = maker.graph.add_tensor("mean", {1, 1, 64}, mean);
  maker.add(node, {2, 9, 48});
  std::vector<float> input;
  while (input.size() < in.size()) input.insert(input.end(), mean.begin(), mean.end());
  const std::vector<float> expected = reference::run(maker.graph, input);
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    if (has_integer_kernels()) {
      const std::vector<float> actual = run_kernels(maker.graph, input);
      for (std::size_t i = 0; i < actual.size(); ++i) {
        ASSERT_NEAR(actual[i], expected[i], 1e-5F) << "on " << hwy::TargetName(target);
      }
    }
    hwy::SetSupportedTargetsForTest(0);
  }
}

// Any numbers: an input is off by half a level of 127, a weight by one of 127 of its column.
TEST(Kernels, IntegerConv2dStaysWithinItsLevels) {
  for (const Shape in : {Shape{6, 9, 16}, Shape{4, 66, 64}}) {
    for (const Window& window : {kWindows[0], kWindows[1], kWindows[3]}) {
      GraphMaker maker(in);
      Window w = window;
      const Shape out = same_padding(w, in, 40);
      Node node = maker.convolution(maker.graph.input, w, out.channels);
      node.kind = OpKind::kIntegerConv2d;
      const std::size_t depth = maker.graph.shape(node.filter).size();
      maker.add(node, out);
      const std::vector<float> input = test::noise(in.size(), 5);
      const std::vector<float> expected = reference::run(maker.graph, input);
      // Inputs and weights are from -1 to 1. The errors of independent products add up as squares.
      const float most = 8 * std::sqrt(static_cast<float>(depth)) / 127;
      for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
        hwy::SetSupportedTargetsForTest(target);
        if (has_integer_kernels()) {
          const std::vector<float> actual = run_kernels(maker.graph, input);
          for (std::size_t i = 0; i < actual.size(); ++i) {
            ASSERT_NEAR(actual[i], expected[i], most) << hwy::TargetName(target) << ", value " << i;
          }
        }
        hwy::SetSupportedTargetsForTest(0);
      }
    }
  }
}

// A pixel that holds something infinite or unknown makes all that it reaches unknown, and a pixel
// of zeros or of numbers near to zero makes nothing of it.
TEST(Kernels, IntegerConv2dKeepsTheUnknown) {
  const Shape in{3, 10, 16};
  GraphMaker maker(in);
  Node node = maker.convolution(maker.graph.input, {}, 32);
  node.kind = OpKind::kIntegerConv2d;
  maker.add(node, {3, 10, 32});
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    for (const float special : {INFINITY, -INFINITY, NAN, 0.0F, 1e-40F, 1e38F}) {
      if (!has_integer_kernels()) break;
      std::vector<float> input = test::noise(in.size(), 7);
      const auto pixel = input.begin() + 8 * in.channels;
      std::fill_n(pixel, in.channels, special == 1e38F ? 0.0F : special);
      *pixel = special;
      const std::vector<float> output = run_kernels(maker.graph, input);
      for (std::size_t i = 0; i < output.size(); ++i) {
        const bool is_unknown = i / 32 == 8 && !std::isfinite(special);
        ASSERT_EQ(std::isnan(output[i]), is_unknown)
            << special << " on " << hwy::TargetName(target) << ", value " << i;
      }
    }
    hwy::SetSupportedTargetsForTest(0);
  }
}

// Windows that are adjacent, overlap, or leave gaps.
TEST(Kernels, TransposeConv2d) {
  int variant = 0;
  for (const int stride : {1, 2, 3}) {
    for (const auto& [height, width] :
         {std::pair{stride, stride}, {3, 3}, {4, 4}, {2, 5}, {1, 1}}) {
      for (const int channels : {1, 2, 5}) {
        for (const Shape in : {Shape{1, 1, 1}, Shape{5, 7, 16}, Shape{2, 13, 3}}) {
          GraphMaker maker(in);
          Node node = maker.convolution(
              maker.graph.input,
              {.height = height, .width = width, .stride_y = stride, .stride_x = stride}, channels);
          node.kind = OpKind::kTransposeConv2d;
          node.activation = kActivations[++variant % 5];
          Shape out{(in.height - 1) * stride + height, (in.width - 1) * stride + width, channels};
          // SAME: the padding cuts the output to the input's size times the stride.
          if (variant % 2 == 0) {
            node.window.pad_top = std::max(height - stride, 0) / 2;
            node.window.pad_left = std::max(width - stride, 0) / 2;
            out = {in.height * stride, in.width * stride, channels};
          }
          maker.add(node, out);
          expect_as_reference(maker, "transposed convolution of " + describe(in) + " to " +
                                         describe(out) + ", stride " + std::to_string(stride));
        }
      }
    }
  }
}

TEST(Kernels, Pool) {
  for (const OpKind kind : {OpKind::kAveragePool, OpKind::kMaxPool, OpKind::kSum}) {
    for (const Shape in : {Shape{1, 1, 1}, Shape{5, 7, 3}, Shape{9, 16, 24}, Shape{6, 31, 40}}) {
      GraphMaker whole(in);
      Node node;
      node.kind = kind;
      node.inputs = {whole.graph.input};
      node.window = {.height = in.height, .width = in.width};
      whole.add(node, {1, 1, in.channels});
      expect_as_reference(whole, "pool of " + describe(in));

      GraphMaker sliding(in);
      node.window = {.height = 3, .width = 3, .stride_y = 2, .stride_x = 2};
      const Shape out = same_padding(node.window, in, in.channels);
      sliding.add(node, out);
      expect_as_reference(sliding, "sliding pool of " + describe(in));

      GraphMaker rows(in);
      node.window = {.height = 1, .width = in.width};
      rows.add(node, {in.height, 1, in.channels});
      expect_as_reference(rows, "pool of the rows of " + describe(in));
    }
  }
}

TEST(Kernels, ResizeBilinear) {
  for (const Shape in : {Shape{1, 1, 1}, Shape{3, 5, 3}, Shape{4, 4, 24}}) {
    for (const auto& [height, width] : {std::pair{1, 1}, {8, 8}, {7, 3}, {6, 10}}) {
      for (const int convention : {0, 1, 2}) {
        for (const bool adds : {false, true}) {
          GraphMaker maker(in);
          const Shape out{height, width, in.channels};
          Node node;
          node.kind = OpKind::kResizeBilinear;
          node.inputs = {maker.graph.input};
          node.align_corners = convention == 1;
          node.half_pixel_centers = convention == 2;
          if (adds) node.residual = maker.constant(out, 1);
          if (adds && convention == 2) node.gate = maker.constant({1, 1, in.channels}, 1);
          maker.add(node, out);
          expect_as_reference(maker, "resize of " + describe(in) + " to " + describe(out));
        }
      }
    }
  }
}

TEST(Kernels, ElementwiseAndConcat) {
  for (const Shape in : {Shape{1, 1, 1}, Shape{3, 5, 3}, Shape{4, 7, 24}}) {
    for (const Activation activation : kActivations) {
      for (const OpKind kind : {OpKind::kAdd, OpKind::kMul, OpKind::kActivation, OpKind::kConcat}) {
        for (const bool by_vector : {false, true}) {
          GraphMaker maker(in);
          Node node;
          node.kind = kind;
          node.activation = activation;
          node.inputs = {maker.graph.input};
          Shape out = in;
          if (kind == OpKind::kConcat) {
            node.activation = Activation::kNone;
            node.inputs.push_back(maker.constant({in.height, in.width, 5}, 1));
            out.channels += 5;
          } else if (kind != OpKind::kActivation) {
            node.inputs.push_back(maker.constant(by_vector ? Shape{1, 1, in.channels} : in, 1));
            if (kind == OpKind::kAdd) node.gate = maker.constant({1, 1, in.channels}, 1);
          }
          maker.add(node, out);
          expect_as_reference(maker, "elementwise on " + describe(in));
        }
      }
    }
  }
}

TEST(Kernels, Quantize) {
  for (const Shape in : {Shape{1, 1, 1}, Shape{3, 5, 3}, Shape{4, 7, 24}}) {
    for (const Grid grid :
         {Grid{0.03F, -5, -128, 127}, Grid{6.0F / 255, 0, 0, 255}, Grid{2, 0, -1, 1}}) {
      GraphMaker maker(in);
      Node node;
      node.kind = OpKind::kQuantize;
      node.inputs = {maker.graph.input};
      node.grid = grid;
      node.nudge = 1e-5F;
      maker.add(node, in);
      expect_as_reference(maker, "a grid of " + std::to_string(grid.step) + " on " + describe(in));
    }
  }
}

TEST(Kernels, HalfwayIsRoundedUp) {
  GraphMaker maker({1, 1, 6});
  Node node;
  node.kind = OpKind::kQuantize;
  node.inputs = {maker.graph.input};
  node.grid = {0.5F, 10, -128, 127};
  node.nudge = 1e-3F;
  maker.add(node, {1, 1, 6});
  // The integers 2.5, -1.5, 0.5, 3.5 less a rounding error, 2.4 and 1000.
  expect_near(run_kernels(maker.graph, {-3.75F, -5.75F, -4.75F, -3.2501F, -3.8F, 495}),
              {-3.5F, -5.5F, -4.5F, -3, -4, 58.5F}, "halfway");
}

TEST(Kernels, Select) {
  for (const Shape in : {Shape{1, 1, 1}, Shape{3, 5, 3}, Shape{4, 7, 24}}) {
    for (const Selection selection : {Selection{0, 1}, Selection{in.channels / 2, 3}}) {
      GraphMaker maker(in);
      Node node;
      node.kind = OpKind::kSelect;
      node.inputs = {maker.graph.input};
      node.selection = selection;
      maker.add(node, {in.height, in.width, (in.channels - selection.first) * selection.times});
      expect_as_reference(maker, "channels of " + describe(in));
    }
  }
}

TEST(Kernels, Broadcasting) {
  for (const Shape in : {Shape{1, 1, 1}, Shape{3, 5, 3}, Shape{4, 7, 24}}) {
    for (const OpKind kind : {OpKind::kAdd, OpKind::kSub, OpKind::kMul, OpKind::kPrelu}) {
      // Bits: the axes along which the second operand broadcasts.
      for (int axes = 0; axes < 8; ++axes) {
        for (const bool gated : {false, true}) {
          GraphMaker maker(in);
          const Shape second{(axes & 1) != 0 ? 1 : in.height, (axes & 2) != 0 ? 1 : in.width,
                             (axes & 4) != 0 ? 1 : in.channels};
          Node node;
          node.kind = kind;
          node.inputs = {maker.graph.input, maker.constant(second, 1)};
          if (gated && kind == OpKind::kAdd) node.gate = maker.constant({1, 1, in.channels}, 1);
          maker.add(node, in);
          expect_as_reference(maker, describe(in) + " with " + describe(second));
        }
      }
    }
  }
}

TEST(Kernels, ResizeNearest) {
  for (const Shape in : {Shape{1, 1, 1}, Shape{3, 5, 3}, Shape{4, 4, 24}}) {
    for (const auto& [height, width] : {std::pair{1, 1}, {8, 8}, {7, 3}, {6, 10}}) {
      for (const int convention : {0, 1, 2}) {
        GraphMaker maker(in);
        const Shape out{height, width, in.channels};
        Node node;
        node.kind = OpKind::kResizeNearest;
        node.inputs = {maker.graph.input};
        node.align_corners = convention == 1;
        node.half_pixel_centers = convention == 2;
        maker.add(node, out);
        expect_as_reference(maker, "resize of " + describe(in) + " to " + describe(out));
      }
    }
  }
}

// TensorFlow's results for a row of four pixels, in each of its conventions.
TEST(Kernels, ResizeNearestConventions) {
  const auto resized = [](int to, bool align_corners, bool half_pixel_centers) {
    GraphMaker maker({1, 4, 1});
    Node node;
    node.kind = OpKind::kResizeNearest;
    node.inputs = {maker.graph.input};
    node.align_corners = align_corners;
    node.half_pixel_centers = half_pixel_centers;
    maker.add(node, {1, to, 1});
    return run_kernels(maker.graph, {0, 1, 2, 3});
  };
  EXPECT_EQ(resized(6, false, false), (std::vector<float>{0, 0, 1, 2, 2, 3}));
  EXPECT_EQ(resized(6, true, false), (std::vector<float>{0, 1, 1, 2, 2, 3}));
  EXPECT_EQ(resized(6, false, true), (std::vector<float>{0, 1, 1, 2, 3, 3}));
  EXPECT_EQ(resized(3, false, true), (std::vector<float>{0, 2, 3}));
}

TEST(Kernels, PadSoftmaxArgMaxAndReshape) {
  for (const Shape in : {Shape{1, 1, 1}, Shape{3, 5, 3}, Shape{4, 7, 21}, Shape{5, 9, 2}}) {
    const auto expect = [&](OpKind kind, Shape out) {
      GraphMaker maker(in);
      Node node;
      node.kind = kind;
      node.inputs = {maker.graph.input};
      if (kind == OpKind::kPad) node.window = {.pad_top = 1, .pad_left = 2};
      maker.add(node, out);
      expect_as_reference(maker, describe(in) + " to " + describe(out));
    };
    expect(OpKind::kPad, {in.height + 1, in.width + 5, in.channels});
    expect(OpKind::kSoftmax, in);
    expect(OpKind::kArgMax, {in.height, in.width, 1});
    expect(OpKind::kReshape, {in.channels, in.width, 1, in.height});
  }
}

TEST(Kernels, Transpose) {
  const Shape in{3, 4, 5, 2};
  const std::array<int, 4> sizes = {in.batch, in.height, in.width, in.channels};
  std::array<int, 4> order = {0, 1, 2, 3};
  do {
    const auto size = [&](std::size_t axis) {
      return sizes[static_cast<std::size_t>(order[axis])];
    };
    GraphMaker maker(in);
    Node node;
    node.kind = OpKind::kTranspose;
    node.inputs = {maker.graph.input};
    node.permutation = order;
    maker.add(node, {size(1), size(2), size(3), size(0)});
    expect_as_reference(maker, "transpose");
  } while (std::ranges::next_permutation(order).found);
}

TEST(Kernels, TransposeOfAKnownTensor) {
  GraphMaker maker({2, 3, 1});
  Node node;
  node.kind = OpKind::kTranspose;
  node.inputs = {maker.graph.input};
  node.permutation = {0, 2, 1, 3};
  maker.add(node, {3, 2, 1});
  EXPECT_EQ(reference::run(maker.graph, std::vector<float>{1, 2, 3, 4, 5, 6}),
            (std::vector<float>{1, 4, 2, 5, 3, 6}));
}

TEST(Kernels, SoftmaxOfLargeLogits) {
  GraphMaker maker({1, 3, 2});
  Node node;
  node.kind = OpKind::kSoftmax;
  node.inputs = {maker.graph.input};
  maker.add(node, {1, 3, 2});
  expect_near(run_kernels(maker.graph, {1000, 1000, -1e30F, 0, 500, -500}),
              {0.5F, 0.5F, 0, 1, 1, 0}, "softmax");
}

TEST(Kernels, SigmoidOfLargeLogits) {
  GraphMaker maker({1, 1, 9});
  Node node;
  node.kind = OpKind::kActivation;
  node.activation = Activation::kSigmoid;
  node.inputs = {maker.graph.input};
  maker.add(node, {1, 1, 9});
  const std::vector<float> logits = {-1e30F, -1000, -104, -89, 0, 89, 104, 1000, 1e30F};
  const std::vector<float> expected = {0, 0, 0, 0, 0.5F, 1, 1, 1, 1};
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    expect_near(run_kernels(maker.graph, logits), expected, hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(0);
  }
}

// GCC's builds for x86 have the target SCALAR where Clang's have EMU128.
TEST(Kernels, ActivationsKeepNanAndNumbersBesideIt) {
  std::vector<float> input;  // more than two vectors of any set, not a multiple
  for (int i = 0; i < 37; ++i) input.push_back(i % 2 == 0 ? NAN : static_cast<float>(i) / 2 - 9);
  bool has_emu128 = false;
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    has_emu128 |= target == HWY_EMU128;
    for (const Activation activation : kActivations) {
      GraphMaker maker({1, 1, static_cast<int>(input.size())});
      Node node;
      node.kind = OpKind::kActivation;
      node.activation = activation;
      node.inputs = {maker.graph.input};
      maker.add(node, maker.graph.shape(maker.graph.input));
      const std::vector<float> expected = reference::run(maker.graph, input);
      hwy::SetSupportedTargetsForTest(target);
      const std::vector<float> actual = run_kernels(maker.graph, input);
      hwy::SetSupportedTargetsForTest(0);
      for (std::size_t i = 0; i < input.size(); ++i) {
        SCOPED_TRACE(std::string(hwy::TargetName(target)) + ", activation " +
                     std::to_string(static_cast<int>(activation)) + " of " +
                     std::to_string(input[i]));
        ASSERT_EQ(std::isnan(actual[i]), std::isnan(input[i]));
        if (std::isnan(input[i])) continue;
        ASSERT_NEAR(actual[i], expected[i], 2e-5F);
      }
    }
  }
  if (!has_emu128) GTEST_SKIP() << "this build has no EMU128, which Clang's builds for x86 have";
}

TEST(ThreadPool, RunsEachPartOnce) {
  for (const std::size_t threads : {std::size_t{1}, std::size_t{2}, std::size_t{5}, kMaxThreads}) {
    const auto executor = make_executor(threads);
    EXPECT_EQ(executor->concurrency(), threads);
    for (std::size_t run = 0; run < 1000; ++run) {
      std::vector<int> counts(run % (threads + 1), 0);
      const auto count = [&](std::size_t part) { ++counts[part]; };
      executor->run(counts.size(), Task(count));
      EXPECT_TRUE(std::ranges::all_of(counts, [](int n) { return n == 1; })) << counts.size();
    }
  }
}

}  // namespace
}  // namespace backdrop
