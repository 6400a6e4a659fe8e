// The reader of models: what it accepts, and one clear error for everything else.
#include "net/tflite/reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "reference.h"
#include "net/network.h"
#include "model_checks.h"
#include "tflite_builder.h"

namespace backdrop {
namespace {

using test::TfliteBuilder;
namespace fb = tflite;

using test::expect_error;

TEST(Reader, ReadsASmallNetwork) {
  const auto graph = read_tflite(test::small_network());
  ASSERT_TRUE(graph) << graph.error().message();
  EXPECT_EQ(graph->shape(graph->input), (Shape{8, 8, 3}));
  EXPECT_EQ(graph->shape(graph->output), (Shape{16, 16, 1}));
}

TEST(Reader, ReadsFromAnyAddress) {
  const std::vector<std::uint8_t> bytes = test::small_network();
  for (std::size_t shift = 0; shift < 20; ++shift) {
    std::vector<std::uint8_t> moved(shift);
    moved.insert(moved.end(), bytes.begin(), bytes.end());
    EXPECT_TRUE(read_tflite(std::span(moved).subspan(shift)));
  }
}

TEST(Reader, RejectsOtherFiles) {
  expect_error({}, ErrorCode::kModel, "empty");
  expect_error({1, 2, 3}, ErrorCode::kModel, "TFL3");
  expect_error(std::vector<std::uint8_t>(1000, 0xFF), ErrorCode::kModel, "TFL3");
  const std::string html = "<!DOCTYPE html><html><body>404</body></html>";
  expect_error({html.begin(), html.end()}, ErrorCode::kModel, "TFL3");
}

TEST(Reader, RejectsEveryTruncation) {
  const std::vector<std::uint8_t> bytes = test::small_network();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    // The file may end in padding, which nothing refers to.
    const auto graph = read_tflite(std::span(bytes).first(size));
    if (size + 64 < bytes.size()) {
      EXPECT_FALSE(graph) << size;
    }
  }
}

TEST(Reader, SurvivesEveryDamagedByte) {
  const std::vector<std::uint8_t> bytes = test::small_network();
  SerialExecutor executor;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      std::vector<std::uint8_t> damaged = bytes;
      damaged[i] = static_cast<std::uint8_t>(damaged[i] ^ flip);
      auto network = Network::create(damaged, executor);
      if (network) (*network)->run();
    }
  }
}

TEST(Reader, NamesAllUnsupportedOperations) {
  TfliteBuilder b;
  const int a = b.tensor({1, 2, 2, 3});
  const int c = b.tensor({1, 2, 2, 3});
  const int d = b.tensor({1, 2, 2, 3});
  const int e = b.tensor({1, 2, 2, 3});
  b.operation(fb::BuiltinOperator::GATHER, {a}, c);
  b.operation(fb::BuiltinOperator::SPACE_TO_DEPTH, {c}, d);
  b.operation(fb::BuiltinOperator::GATHER, {c}, d);
  b.operation(fb::BuiltinOperator::RELU, {c}, d);
  b.custom("MyOwn\nOp", {d}, e, {});
  // Unsupported operations are reported before other errors, such as these inputs.
  expect_error(b.finish({a, a}, {e}), ErrorCode::kUnsupported,
               "unsupported operations: GATHER, SPACE_TO_DEPTH, MyOwn?Op");
}

TEST(Reader, RejectsShapesThatDoNotFit) {
  const auto convolve = [](std::vector<int> in, std::vector<int> filter, int bias,
                           std::vector<int> out) {
    TfliteBuilder b;
    std::size_t weights = 1;
    for (const int dim : filter) weights *= static_cast<std::size_t>(dim);
    const int input = b.tensor(std::move(in));
    const int output = b.tensor(std::move(out));
    const int f = b.floats(std::move(filter), std::vector<float>(weights));
    b.convolution(input, f, b.floats({bias}, std::vector<float>(static_cast<std::size_t>(bias))),
                  output);
    return b.finish({input}, {output});
  };
  EXPECT_TRUE(read_tflite(convolve({1, 4, 4, 3}, {2, 3, 3, 3}, 2, {1, 4, 4, 2})));
  expect_error(convolve({1, 4, 4, 3}, {2, 3, 3, 4}, 2, {1, 4, 4, 2}), ErrorCode::kModel, "filter");
  expect_error(convolve({1, 4, 4, 3}, {2, 3, 3, 3}, 5, {1, 4, 4, 2}), ErrorCode::kModel, "bias");
  expect_error(convolve({1, 4, 4, 3}, {2, 3, 3, 3}, 2, {1, 4, 5, 2}), ErrorCode::kModel, "output");
  expect_error(convolve({2, 4, 4, 3}, {2, 3, 3, 3}, 2, {2, 4, 4, 2}), ErrorCode::kUnsupported,
               "batch");
  expect_error(convolve({1, 1, 4, 4, 3}, {2, 3, 3, 3}, 2, {1, 4, 4, 2}), ErrorCode::kUnsupported,
               "more than 4 dimensions");
  expect_error(convolve({1, 4, 4, 3}, {2, 3, 3, 3}, 2, {1, 4, -1, 2}), ErrorCode::kUnsupported,
               "tensor 1 't1' has a dynamic shape, 1x4x-1x2");
  expect_error(convolve({-1, 4, 4, 3}, {2, 3, 3, 3}, 2, {1, 4, 4, 2}), ErrorCode::kUnsupported,
               "tensor 0 't0' has a dynamic shape, -1x4x4x3");
  expect_error(convolve({1, -1, 4, 3}, {2, 3, 3, 3}, 2, {1, 4, 4, 2}), ErrorCode::kUnsupported,
               "an input size is required");
  expect_error(convolve({1, 70000, 70000, 3}, {2, 1, 1, 3}, 2, {1, 70000, 70000, 2}),
               ErrorCode::kUnsupported, "too large: 1x70000x70000x3");
}

TEST(Reader, RejectsBrokenGraphs) {
  {
    TfliteBuilder b;  // reads a tensor that nothing writes
    const int input = b.tensor({1, 2, 2, 1});
    const int orphan = b.tensor({1, 2, 2, 1});
    const int output = b.tensor({1, 2, 2, 1});
    b.operation(fb::BuiltinOperator::ADD, {input, orphan}, output);
    expect_error(b.finish({input}, {output}), ErrorCode::kModel,
                 "ADD: it reads tensor 1 't1', which nothing writes");
  }
  {
    TfliteBuilder b;  // a cycle
    const int input = b.tensor({1, 2, 2, 1});
    const int later = b.tensor({1, 2, 2, 1});
    const int sum = b.apply(fb::BuiltinOperator::ADD, {input, later}, {1, 2, 2, 1});
    b.operation(fb::BuiltinOperator::RELU, {sum}, later);
    expect_error(b.finish({input}, {later}), ErrorCode::kModel,
                 "ADD: it reads tensor 1 't1' before anything writes it");
  }
  {
    TfliteBuilder b;
    const int input = b.tensor({1, 2, 2, 1});
    b.apply(fb::BuiltinOperator::RELU, {input}, {1, 2, 2, 1});
    const int other = b.tensor({1, 2, 2, 1});
    expect_error(b.finish({input}, {other}), ErrorCode::kModel, "no operation writes");
  }
  {
    TfliteBuilder b;
    const int input = b.floats({1, 1, 1, 1}, {1});
    const int output = b.apply(fb::BuiltinOperator::RELU, {input}, {1, 1, 1, 1});
    expect_error(b.finish({input}, {output}), ErrorCode::kModel, "input is a constant");
  }
  {
    TfliteBuilder b;  // writes its own input
    const int input = b.tensor({1, 2, 2, 1});
    b.operation(fb::BuiltinOperator::RELU, {input}, input);
    expect_error(b.finish({input}, {input}), ErrorCode::kModel, "written already");
  }
  {
    TfliteBuilder b;
    const int input = b.tensor({1, 2, 2, 1});
    b.operation(fb::BuiltinOperator::RELU, {77}, input);
    expect_error(b.finish({input}, {input}), ErrorCode::kModel, "operand");
  }
  {
    TfliteBuilder b;
    const int input = b.tensor({1, 2, 2, 1});
    const int output = b.tensor({1, 2, 2, 1});
    b.operation(fb::BuiltinOperator::RELU, {input}, output);
    expect_error(b.finish({input}, {999}), ErrorCode::kModel, "input or output");
  }
  {
    TfliteBuilder b;
    const int input = b.tensor({1, 2, 2, 1});
    const int output = b.tensor({1, 2, 2, 1});
    b.operation(fb::BuiltinOperator::RELU, {input}, output);
    expect_error(b.finish({}, {output}), ErrorCode::kUnsupported, "0 inputs and 1 outputs");
  }
  {
    TfliteBuilder b;
    const int input = b.tensor({1, 2, 2, 1});
    const int output = b.tensor({1, 2, 2, 1});
    b.operation(fb::BuiltinOperator::RELU, {input}, output);
    EXPECT_TRUE(read_tflite(b.finish({input}, {output}, 2))) << "others are not run";
  }
  {
    TfliteBuilder b;
    const int input = b.tensor({1, 2, 2, 1}, fb::TensorType::UINT8);
    const int output = b.tensor({1, 2, 2, 1});
    b.operation(fb::BuiltinOperator::RELU, {input}, output);
    expect_error(b.finish({input}, {output}), ErrorCode::kUnsupported, "UINT8");
  }
}

TEST(Reader, ReadsConstantsBehindTheFlatBuffer) {
  const auto build = [](std::uint64_t offset, std::uint64_t size) {
    TfliteBuilder b;
    const int input = b.tensor({1, 1, 1, 2});
    const int values = b.external({2}, offset, size);
    const int output = b.apply(fb::BuiltinOperator::ADD, {input, values}, {1, 1, 1, 2});
    return b.finish({input}, {output});
  };
  std::vector<std::uint8_t> file = build(4096, 8);
  expect_error(file, ErrorCode::kModel, "tensor 1 't1': its buffer 1 lies outside of the file");
  file.resize(4104);
  const float values[] = {3, 4};
  std::memcpy(&file[4096], values, sizeof(values));
  const auto graph = read_tflite(file);
  ASSERT_TRUE(graph) << graph.error().message();
  EXPECT_EQ(graph->at(1).constant.copy(), (std::vector<float>{3, 4}));
  file.pop_back();
  expect_error(file, ErrorCode::kModel, "lies outside of the file");
  expect_error(build(UINT64_MAX, 8), ErrorCode::kModel, "lies outside of the file");
  expect_error(build(16, UINT64_MAX), ErrorCode::kModel, "lies outside of the file");
  expect_error(build(16, 4), ErrorCode::kModel, "4 bytes, which does not fit its shape 1x1x1x2");
}

TEST(Reader, RejectsTwoGigabytes) {
  // The reader rejects the size before reading a byte.
  static const std::uint8_t byte = 0;
  const auto graph = read_tflite(std::span(&byte, std::size_t{1} << 31));
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code(), ErrorCode::kUnsupported);
  EXPECT_NE(graph.error().message().find("2 GB"), std::string::npos) << graph.error().message();
}

TEST(Reader, ReadsFloat16) {
  TfliteBuilder b;
  const int input = b.tensor({1, 1, 1, 6});
  // 1, -2, the largest, the smallest normal, a subnormal, infinity
  const int half = b.constant<std::uint16_t>({6}, fb::TensorType::FLOAT16,
                                             {0x3C00, 0xC000, 0x7BFF, 0x0400, 0x8001, 0x7C00});
  const int full = b.tensor({6});
  b.operation(fb::BuiltinOperator::DEQUANTIZE, {half}, full);
  const int output = b.tensor({1, 1, 1, 6});
  b.operation(fb::BuiltinOperator::ADD, {input, full}, output);
  const auto graph = read_tflite(b.finish({input}, {output}));
  ASSERT_TRUE(graph) << graph.error().message();
  const std::vector<float> expected = {1, -2, 65504, 0x1p-14F, -0x1p-24F, INFINITY};
  EXPECT_EQ(reference::run(*graph, std::vector<float>(6, 0)), expected);
}

TEST(Network, ReportsItsShapes) {
  SerialExecutor executor;
  const auto network = Network::create(test::small_network(), executor);
  ASSERT_TRUE(network) << network.error().message();
  EXPECT_EQ((*network)->input_shape(), (Shape{8, 8, 3}));
  EXPECT_EQ((*network)->output_shape(), (Shape{16, 16, 1}));
  EXPECT_EQ((*network)->output_head().kind, OutputHead::Kind::kSigmoid);
}

TEST(Network, RunsStepByStep) {
  SerialExecutor executor;
  const auto created = Network::create(test::small_network(), executor);
  ASSERT_TRUE(created) << created.error().message();
  Network& network = **created;
  std::size_t nodes = 0;
  for (std::size_t i = 0; i < network.step_count(); ++i) nodes += network.step(i).size();
  EXPECT_EQ(nodes, network.graph().nodes.size());

  std::ranges::fill(network.input(), 0.25F);
  const std::span<const float> output = network.run();
  const std::vector<float> expected(output.begin(), output.end());
  std::ranges::fill(network.input(), -0.5F);
  network.run();
  ASSERT_FALSE(std::ranges::equal(output, expected));
  std::ranges::fill(network.input(), 0.25F);
  for (std::size_t i = 0; i < network.step_count(); ++i) network.run_step(i);
  EXPECT_TRUE(std::ranges::equal(output, expected));
}

}  // namespace
}  // namespace backdrop
