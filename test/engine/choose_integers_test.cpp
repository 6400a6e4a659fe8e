// Which convolutions become integers, and what a network that has some answers.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "base/executor.h"
#include "graph_maker.h"
#include "net/kernels/kernel.h"
#include "net/network.h"
#include "net/passes/passes.h"
#include "platform/thread_pool.h"
#include "support.h"
#include "targets.h"

namespace backdrop {
namespace {

using test::GraphMaker;

// The kind that a pointwise convolution of this many channels gets.
OpKind kind_of(Shape in, int channels, bool is_gated = false) {
  GraphMaker maker(in);
  Node node = maker.convolution(maker.graph.input, {}, channels);
  if (is_gated) node.gate = maker.constant({1, 1, in.channels}, 1);
  maker.add(node, {in.height, in.width, channels});
  choose_integers(maker.graph);
  return maker.graph.nodes[0].kind;
}

TEST(ChooseIntegers, TakesWideConvolutions) {
  EXPECT_EQ(kind_of({16, 16, 64}, 64), OpKind::kIntegerConv2d);
  EXPECT_EQ(kind_of({16, 16, 768}, 32), OpKind::kIntegerConv2d);
  EXPECT_EQ(kind_of({16, 16, 32}, 32), OpKind::kConv2d) << "products don't outweigh quantizing";
  EXPECT_EQ(kind_of({16, 16, 72}, 64), OpKind::kConv2d) << "channels in no multiple of 16";
  EXPECT_EQ(kind_of({16, 16, 768}, 16), OpKind::kConv2d) << "fewer columns than a panel's";
  EXPECT_EQ(kind_of({1, 1, 768}, 768), OpKind::kConv2d) << "fewer pixels than a tile's";
  EXPECT_EQ(kind_of({16, 16, 64}, 64, true), OpKind::kConv2d) << "a gate scales the weights";
}

// A flat picture of zeros has the first layer's biases, after their activation.
TEST(ChooseIntegers, ForetellsWhatTheInputsAreAbout) {
  GraphMaker maker({16, 16, 3});
  Node first = maker.convolution(maker.graph.input, {}, 64);
  first.activation = Activation::kRelu;
  const std::vector<float> biases = maker.graph.at(first.bias).constant.copy();
  maker.add(maker.convolution(maker.add(first, {16, 16, 64}), {}, 64), {16, 16, 64});
  choose_integers(maker.graph);
  const Node& second = maker.graph.nodes[1];
  ASSERT_NE(second.mean, kNoTensor);
  const Constant& mean = maker.graph.at(second.mean).constant;
  ASSERT_EQ(mean.size(), biases.size());
  for (std::size_t c = 0; c < biases.size(); ++c) {
    EXPECT_FLOAT_EQ(mean[c], 0.75F * std::max(biases[c], 0.0F));
  }
}

// Else the biases would be NaN, whatever the network's input is.
TEST(ChooseIntegers, ForetellsNothingOfWhatOverflows) {
  GraphMaker maker({16, 16, 3});
  Node first = maker.convolution(maker.graph.input, {}, 64);
  std::vector<float> biases(64, 1.0F);
  biases[5] = std::numeric_limits<float>::infinity();
  biases[7] = std::numeric_limits<float>::quiet_NaN();
  first.bias = maker.graph.add_tensor("biases", {1, 1, 64}, biases);
  maker.add(maker.convolution(maker.add(first, {16, 16, 64}), {}, 64), {16, 16, 64});
  choose_integers(maker.graph);
  const Constant& mean = maker.graph.at(maker.graph.nodes[1].mean).constant;
  for (std::size_t c = 0; c < 64; ++c) {
    EXPECT_EQ(mean[c], c == 5 || c == 7 ? 0.0F : 0.75F) << c;
  }
}

GraphMaker three_wide_layers() {
  GraphMaker maker({40, 70, 16});
  TensorId last = maker.graph.input;
  for (const int channels : {96, 64, 96}) {
    Node node = maker.convolution(last, {}, channels);
    node.activation = Activation::kRelu;
    last = maker.add(node, {40, 70, channels});
  }
  return maker;
}

std::vector<float> run(const GraphMaker& maker, Executor& executor, Precision precision) {
  auto network = Network::create(Graph(maker.graph), executor, precision);
  EXPECT_TRUE(network);
  std::ranges::copy(test::noise((*network)->input().size(), 1), (*network)->input().begin());
  const auto output = (*network)->run();
  return {output.begin(), output.end()};
}

TEST(ChooseIntegers, AnswersNearlyAsFloatsDo) {
  if (!has_integer_kernels()) GTEST_SKIP() << "this processor has no integer products";
  const GraphMaker maker = three_wide_layers();
  SerialExecutor executor;
  const auto floats = run(maker, executor, Precision::kFloat);
  const auto integers = run(maker, executor, Precision::kAuto);
  double error = 0, size = 0;
  for (std::size_t i = 0; i < floats.size(); ++i) {
    error += std::abs(floats[i] - integers[i]);
    size += std::abs(floats[i]);
  }
  EXPECT_GT(error, 0) << "nothing was computed in integers";
  EXPECT_LT(error, 0.02 * size);
}

// GCC's builds for x86 have an instruction set without such products, and so has a Cortex-A53.
TEST(ChooseIntegers, KeepsFloatsWhereNoInstructionMultipliesIntegers) {
  const GraphMaker maker = three_wide_layers();
  SerialExecutor executor;
  test::for_targets([&] {
    const bool are_floats =
        run(maker, executor, Precision::kAuto) == run(maker, executor, Precision::kFloat);
    EXPECT_NE(are_floats, has_integer_kernels());
  });
}

TEST(ChooseIntegers, AnswersTheSameOnAnyNumberOfThreads) {
  const GraphMaker maker = three_wide_layers();
  SerialExecutor serial;
  const auto expected = run(maker, serial, Precision::kAuto);
  for (const std::size_t threads : {std::size_t{2}, std::size_t{3}}) {
    const auto executor = make_executor(threads);
    EXPECT_EQ(run(maker, *executor, Precision::kAuto), expected);
  }
}

}  // namespace
}  // namespace backdrop
