// The reader of models: the import of each operation.
#include <gtest/gtest.h>

#include <functional>

#include "model_checks.h"
#include "reference.h"
#include "support.h"
#include "tflite_builder.h"

namespace backdrop {
namespace {

using test::TfliteBuilder;
namespace fb = tflite;
using Op = fb::BuiltinOperator;

// A network with this input and one operation. `apply` adds the operation and returns its output.
using Apply = std::function<int(TfliteBuilder&, int input)>;

std::vector<std::uint8_t> network(std::vector<int> input_shape, const Apply& apply) {
  TfliteBuilder b;
  const int input = b.tensor(std::move(input_shape));
  const int output = apply(b, input);
  return b.finish({input}, {output});
}

// The network's graph, which has at least one node.
Graph read(std::vector<int> input_shape, const Apply& apply) {
  auto graph = read_tflite(network(std::move(input_shape), apply));
  if (!graph) {
    ADD_FAILURE() << graph.error().message();
    Graph empty;
    empty.input = empty.output = empty.add_tensor("", {});
    empty.nodes.push_back({});
    empty.nodes[0].inputs = {0, 0};
    return empty;
  }
  return *std::move(graph);
}

void expect_error(std::vector<int> input_shape, const Apply& apply, ErrorCode code,
                  const std::string& part) {
  test::expect_error(network(std::move(input_shape), apply), code, part);
}

Apply reshape(std::vector<int> sizes, std::vector<int> output) {
  return [=](TfliteBuilder& b, int in) {
    return b.apply(Op::RESHAPE, {in, b.integers(sizes)}, output);
  };
}

TEST(Operations, Reshape) {
  const Graph graph = read({1, 4, 6, 2}, [](TfliteBuilder& b, int in) {
    const int tall = reshape({-1, 2, 6, 2}, {2, 2, 6, 2})(b, in);
    return reshape({1, 6, 4, 2}, {1, 6, 4, 2})(b, tall);
  });
  ASSERT_EQ(graph.nodes.size(), 2U);
  EXPECT_EQ(graph.nodes[0].kind, OpKind::kReshape);
  EXPECT_EQ(graph.nodes[0].inputs, std::vector{graph.input});
  EXPECT_EQ(graph.shape(graph.nodes[0].output), (Shape{2, 6, 2, 2}));
  EXPECT_EQ(graph.shape(graph.output), (Shape{6, 4, 2}));
}

TEST(Operations, ReshapeWithTheShapeInItsOptions) {
  const Graph graph = read({1, 4, 6, 2}, [](TfliteBuilder& b, int in) {
    const std::vector<int> sizes = {1, 8, -1, 2};
    return b.apply(Op::RESHAPE, {in}, {1, 8, 3, 2},
                   fb::CreateReshapeOptionsDirect(b.flat(), &sizes));
  });
  EXPECT_EQ(graph.shape(graph.output), (Shape{8, 3, 2}));
}

TEST(Operations, ReshapeThatDoesNotFit) {
  expect_error({1, 4, 6, 2}, reshape({1, 5, 5, 2}, {1, 5, 5, 2}), ErrorCode::kModel,
               "RESHAPE: an input of 1x4x6x2 does not fit its shape of 1x5x5x2");
  expect_error({1, 4, 6, 2}, reshape({1, -1, 5, 2}, {1, 4, 5, 2}), ErrorCode::kModel, "not fit");
  expect_error({1, 4, 6, 2}, reshape({1, -1, -1, 2}, {1, 4, 6, 2}), ErrorCode::kModel,
               "shape is invalid");
  expect_error({1, 4, 6, 2}, reshape({1, 0, 6, 2}, {1, 4, 6, 2}), ErrorCode::kModel,
               "shape is invalid");
  expect_error({1, 4, 6, 2}, reshape({1, 1 << 30, 1 << 30, -1}, {1, 4, 6, 2}), ErrorCode::kModel,
               "shape is invalid");
  expect_error({1, 4, 6, 2}, reshape({1, 6, 4, 2}, {1, 4, 6, 2}), ErrorCode::kModel,
               "its output is 1x4x6x2 instead of 1x6x4x2");
  expect_error({1, 4, 6, 2}, reshape({2, 1, 2, 6, 2}, {1, 4, 6, 2}), ErrorCode::kUnsupported,
               "more than 4 dimensions");
  const Apply computed = [](TfliteBuilder& b, int in) {
    return b.apply(Op::RESHAPE, {in, in}, {1, 4, 6, 2});
  };
  expect_error({1, 4, 6, 2}, computed, ErrorCode::kUnsupported, "not a constant of int32");
  const Apply two_high = reshape({2, 2, 6, 2}, {2, 2, 6, 2});
  expect_error({1, 4, 6, 2}, two_high, ErrorCode::kUnsupported, "output has a batch");
}

TEST(Operations, SqueezeAndExpandDims) {
  const Graph graph = read({1, 1, 1, 5}, [](TfliteBuilder& b, int in) {
    const std::vector<int> dropped = {1, -2};
    const int flat =
        b.apply(Op::SQUEEZE, {in}, {1, 5}, fb::CreateSqueezeOptionsDirect(b.flat(), &dropped));
    const int wide = b.apply(Op::EXPAND_DIMS, {flat, b.integers({1})}, {1, 1, 5});
    return b.apply(Op::EXPAND_DIMS, {wide, b.integers({-1})}, {1, 1, 5, 1});
  });
  ASSERT_EQ(graph.nodes.size(), 3U);
  EXPECT_EQ(graph.shape(graph.nodes[0].output), (Shape{1, 1, 5}));
  EXPECT_EQ(graph.shape(graph.output), (Shape{1, 5, 1}));
}

TEST(Operations, AnOutputWithoutChannelsGetsOne) {
  const Graph graph = read({1, 4, 6, 1}, [](TfliteBuilder& b, int in) {
    const std::vector<int> dropped = {3};
    return b.apply(Op::SQUEEZE, {in}, {1, 4, 6},
                   fb::CreateSqueezeOptionsDirect(b.flat(), &dropped));
  });
  EXPECT_EQ(graph.shape(graph.output), (Shape{4, 6, 1}));
}

TEST(Operations, SqueezeAndExpandDimsThatDoNotFit) {
  const auto squeeze = [](int dimension) {
    return [=](TfliteBuilder& b, int in) {
      const std::vector<int> dropped = {dimension};
      return b.apply(Op::SQUEEZE, {in}, {1, 4, 6},
                     fb::CreateSqueezeOptionsDirect(b.flat(), &dropped));
    };
  };
  expect_error({1, 4, 6, 1}, squeeze(1), ErrorCode::kModel, "not one of size 1");
  expect_error({1, 4, 6, 1}, squeeze(4), ErrorCode::kModel, "not one of size 1");
  expect_error({1, 4, 6, 1}, squeeze(-5), ErrorCode::kModel, "not one of size 1");
  const auto expand = [](int dimension) {
    return [=](TfliteBuilder& b, int in) {
      return b.apply(Op::EXPAND_DIMS, {in, b.integers({dimension})}, {1, 4, 6, 1});
    };
  };
  expect_error({4, 6}, expand(3), ErrorCode::kUnsupported, "batch");
  expect_error({1, 4, 6}, expand(5), ErrorCode::kModel, "out of range");
  expect_error({1, 4, 6, 1}, expand(0), ErrorCode::kUnsupported, "more than 4 dimensions");
}

Apply transpose(std::vector<int> order, std::vector<int> output) {
  return [=](TfliteBuilder& b, int in) {
    return b.apply(Op::TRANSPOSE, {in, b.integers(order)}, output);
  };
}

TEST(Operations, Transpose) {
  const Graph graph = read({1, 4, 6, 2}, transpose({0, 2, 3, 1}, {1, 6, 2, 4}));
  EXPECT_EQ(graph.nodes[0].kind, OpKind::kTranspose);
  EXPECT_EQ(graph.nodes[0].permutation, (std::array{0, 2, 3, 1}));
  EXPECT_EQ(graph.shape(graph.nodes[0].output), (Shape{6, 2, 4}));
}

TEST(Operations, TransposeOfFewerDimensions) {
  const Graph three = read({4, 6, 2}, transpose({2, 0, 1}, {2, 4, 6}));
  EXPECT_EQ(three.nodes[0].permutation, (std::array{0, 3, 1, 2}));
  EXPECT_EQ(three.shape(three.nodes[0].output), (Shape{2, 4, 6}));
  const Graph two = read({1, 1, 1, 6}, [](TfliteBuilder& b, int in) {
    const int row = reshape({1, 6}, {1, 6})(b, in);
    const int column = transpose({1, 0}, {6, 1})(b, row);
    return reshape({1, 6, 1, 1}, {1, 6, 1, 1})(b, column);
  });
  EXPECT_EQ(two.nodes[1].permutation, (std::array{3, 1, 2, 0}));
  EXPECT_EQ(two.shape(two.nodes[1].output), (Shape{1, 1, 1, 6}));
}

TEST(Operations, TransposeWithAnInvalidPermutation) {
  const std::vector<int> shape = {1, 4, 6, 2};
  expect_error(shape, transpose({0, 1, 1, 3}, shape), ErrorCode::kModel, "axis is repeated");
  expect_error(shape, transpose({0, 1, 2, 4}, shape), ErrorCode::kModel, "out of range");
  expect_error(shape, transpose({0, 1, 2, -5}, shape), ErrorCode::kModel, "out of range");
  expect_error(shape, transpose({0, 1, 2}, shape), ErrorCode::kModel, "does not fit");
}

TEST(Operations, Softmax) {
  const auto softmax = [](float beta) {
    return [=](TfliteBuilder& b, int in) {
      return b.apply(Op::SOFTMAX, {in}, {1, 4, 6, 2}, fb::CreateSoftmaxOptions(b.flat(), beta));
    };
  };
  EXPECT_EQ(read({1, 4, 6, 2}, softmax(1)).nodes[0].kind, OpKind::kSoftmax);
  expect_error({1, 4, 6, 2}, softmax(2), ErrorCode::kUnsupported, "SOFTMAX: a beta other than 1");
  const Apply without = [](TfliteBuilder& b, int in) {
    return b.apply(Op::SOFTMAX, {in}, {1, 4, 6, 2});
  };
  expect_error({1, 4, 6, 2}, without, ErrorCode::kModel, "options are missing");
}

Apply arg_max(int axis, std::vector<int> shape, fb::TensorType type) {
  return [=](TfliteBuilder& b, int in) {
    const int output = b.tensor(shape, type);
    b.operation(Op::ARG_MAX, {in, b.constant<std::int32_t>({}, fb::TensorType::INT32, {axis})},
                output);
    return output;
  };
}

TEST(Operations, ArgMax) {
  for (const auto type : {fb::TensorType::INT32, fb::TensorType::INT64}) {
    for (const int axis : {3, -1}) {
      const Graph three = read({1, 4, 6, 2}, arg_max(axis, {1, 4, 6}, type));
      EXPECT_EQ(three.nodes[0].kind, OpKind::kArgMax);
      EXPECT_EQ(three.shape(three.output), (Shape{4, 6, 1}));
      const Graph four = read({1, 4, 6, 2}, arg_max(axis, {1, 4, 6, 1}, type));
      EXPECT_EQ(four.shape(four.output), (Shape{4, 6, 1}));
    }
  }
  const auto int64 = fb::TensorType::INT64;
  expect_error({1, 4, 6, 2}, arg_max(1, {1, 6, 2}, int64), ErrorCode::kUnsupported,
               "an axis other than channels");
  expect_error({1, 4, 6, 2}, arg_max(3, {1, 4, 5}, int64), ErrorCode::kModel, "instead of 1x4x6x1");
  expect_error({1, 4, 6, 2}, arg_max(3, {1, 4, 6}, fb::TensorType::UINT8), ErrorCode::kUnsupported,
               "is of type UINT8");
}

Apply reduce(Op code, std::vector<int> axes, bool keeps, std::vector<int> output) {
  return [=](TfliteBuilder& b, int in) {
    return b.apply(code, {in, b.integers(axes)}, output, fb::CreateReducerOptions(b.flat(), keeps));
  };
}

TEST(Operations, SumAndMean) {
  const Graph rows = read({1, 4, 6, 2}, reduce(Op::SUM, {1}, true, {1, 1, 6, 2}));
  EXPECT_EQ(rows.nodes[0].kind, OpKind::kSum);
  EXPECT_EQ(rows.nodes[0].window, (Window{.height = 4}));
  const Graph columns = read({1, 4, 6, 2}, reduce(Op::SUM, {-2}, true, {1, 4, 1, 2}));
  EXPECT_EQ(columns.nodes[0].window, (Window{.width = 6}));
  const Graph mean = read({1, 4, 6, 2}, reduce(Op::MEAN, {2, 1}, false, {1, 2}));
  EXPECT_EQ(mean.nodes[0].kind, OpKind::kAveragePool);
  EXPECT_EQ(mean.nodes[0].window, (Window{.height = 4, .width = 6}));
  EXPECT_EQ(mean.shape(mean.output), (Shape{1, 1, 2}));
  expect_error({1, 4, 6, 2}, reduce(Op::MEAN, {3}, true, {1, 4, 6, 1}), ErrorCode::kUnsupported,
               "axes other than height and width");
  expect_error({1, 4, 6, 2}, reduce(Op::SUM, {1}, false, {1, 6, 2}), ErrorCode::kUnsupported,
               "without keeping the dimensions");
  expect_error({1, 4, 6, 2}, reduce(Op::SUM, {7}, true, {1, 4, 6, 2}), ErrorCode::kModel,
               "out of range");
}

// The input is 4x6x2; there are 3 filters.
Apply transpose_conv(std::vector<int> window, int stride, fb::Padding padding,
                     std::vector<int> output, bool has_bias = true) {
  return [=](TfliteBuilder& b, int in) {
    const auto weights = static_cast<std::size_t>(3 * window[0] * window[1] * 2);
    std::vector<int> inputs = {b.integers(output),
                               b.floats({3, window[0], window[1], 2}, std::vector<float>(weights)),
                               in};
    if (has_bias) inputs.push_back(b.floats({3}, {1, 2, 3}));
    return b.apply(Op::TRANSPOSE_CONV, inputs, output,
                   fb::CreateTransposeConvOptions(b.flat(), padding, stride, stride,
                                                  fb::ActivationFunctionType::RELU));
  };
}

TEST(Operations, TransposeConv) {
  const auto same = fb::Padding::SAME;
  const Graph graph = read({1, 4, 6, 2}, transpose_conv({3, 4}, 2, same, {1, 8, 12, 3}));
  const Node& node = graph.nodes[0];
  EXPECT_EQ(node.kind, OpKind::kTransposeConv2d);
  EXPECT_EQ(node.inputs, std::vector{graph.input});
  // 3 * 2 + 3 rows are one more than 8; 5 * 2 + 4 columns are two more than 12.
  EXPECT_EQ(
      node.window,
      (Window{.height = 3, .width = 4, .stride_y = 2, .stride_x = 2, .pad_top = 0, .pad_left = 1}));
  EXPECT_EQ(graph.at(node.bias).constant.copy(), (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(node.activation, Activation::kRelu);
  const Graph odd = read({1, 4, 6, 2}, transpose_conv({3, 3}, 2, same, {1, 7, 11, 3}));
  EXPECT_EQ(odd.nodes[0].window.pad_top, 1);
  const Graph valid =
      read({1, 4, 6, 2}, transpose_conv({3, 3}, 2, fb::Padding::VALID, {1, 9, 14, 3}, false));
  EXPECT_EQ(valid.nodes[0].window.pad_left, 0);
  EXPECT_EQ(valid.at(valid.nodes[0].bias).constant.copy(), (std::vector<float>{0, 0, 0}));
  expect_error({1, 4, 6, 2}, transpose_conv({3, 3}, 2, same, {1, 9, 12, 3}), ErrorCode::kModel,
               "its output of 1x9x12x3 does not fit its input of 1x4x6x2");
  expect_error({1, 4, 6, 2}, transpose_conv({3, 3}, 2, same, {1, 8, 12, 4}), ErrorCode::kModel,
               "does not fit its input");
  expect_error({1, 4, 6, 2}, transpose_conv({3, 3}, 0, same, {1, 8, 12, 3}), ErrorCode::kModel,
               "out of range");
}

// MediaPipe's operation, with an input of 5x6x1. Padding is 1 for SAME and 2 for VALID.
Apply transpose_conv_bias(int padding, int window, int stride, std::vector<int> output) {
  return [=](TfliteBuilder& b, int in) {
    const auto weights = static_cast<std::size_t>(window * window);
    const int out = b.tensor(output);
    b.custom(
        "Convolution2DTransposeBias",
        {in, b.floats({1, window, window, 1}, std::vector<float>(weights)), b.floats({1}, {1})},
        out, {padding, stride, stride});
    return out;
  };
}

TEST(Operations, TransposeConvBias) {
  const Graph same = read({1, 5, 6, 1}, transpose_conv_bias(1, 4, 2, {1, 9, 12, 1}));
  EXPECT_EQ(same.nodes[0].kind, OpKind::kTransposeConv2d);
  EXPECT_EQ(same.nodes[0].window.pad_top, 1);
  EXPECT_EQ(same.nodes[0].window.pad_left, 1);
  const Graph valid = read({1, 5, 6, 1}, transpose_conv_bias(2, 4, 2, {1, 12, 14, 1}));
  EXPECT_EQ(valid.nodes[0].window.pad_top, 0);
  expect_error({1, 5, 6, 1}, transpose_conv_bias(2, 2, 1 << 16, {1, 5, 6, 1}), ErrorCode::kModel,
               "too large");
}

TEST(Operations, ResizeNearestNeighbor) {
  const auto resize = [](std::vector<int> size) {
    return [=](TfliteBuilder& b, int in) {
      return b.apply(Op::RESIZE_NEAREST_NEIGHBOR, {in, b.integers(size)}, {1, 8, 9, 2},
                     fb::CreateResizeNearestNeighborOptions(b.flat(), false, true));
    };
  };
  const Graph graph = read({1, 4, 6, 2}, resize({8, 9}));
  EXPECT_EQ(graph.nodes[0].kind, OpKind::kResizeNearest);
  EXPECT_FALSE(graph.nodes[0].align_corners);
  EXPECT_TRUE(graph.nodes[0].half_pixel_centers);
  expect_error({1, 4, 6, 2}, resize({8, 0}), ErrorCode::kModel, "size is invalid");
  expect_error({1, 4, 6, 2}, resize({8}), ErrorCode::kModel, "size is invalid");
  expect_error({1, 4, 6, 2}, resize({1 << 30, 1 << 30}), ErrorCode::kUnsupported, "too large");
}

TEST(Operations, MaxPool) {
  const Graph graph = read({1, 5, 6, 2}, [](TfliteBuilder& b, int in) {
    return b.apply(Op::MAX_POOL_2D, {in}, {1, 3, 3, 2},
                   fb::CreatePool2DOptions(b.flat(), fb::Padding::SAME, 2, 2, 3, 2));
  });
  EXPECT_EQ(graph.nodes[0].kind, OpKind::kMaxPool);
  EXPECT_EQ(graph.nodes[0].window, (Window{.height = 2, .width = 3, .stride_y = 2, .stride_x = 2}));
}

Apply pad(Op code, std::vector<std::int32_t> paddings, std::vector<float> value = {}) {
  return [=](TfliteBuilder& b, int in) {
    const auto rows = static_cast<int>(paddings.size() / 2);
    std::vector<int> inputs = {in, b.constant({rows, 2}, fb::TensorType::INT32, paddings)};
    if (!value.empty()) inputs.push_back(b.floats({}, value));
    return b.apply(code, inputs, {1, 7, 13, 2});
  };
}

TEST(Operations, Pad) {
  const std::vector<int> shape = {1, 4, 6, 2};
  const Graph graph = read(shape, pad(Op::PAD, {0, 0, 1, 2, 3, 4, 0, 0}));
  EXPECT_EQ(graph.nodes[0].kind, OpKind::kPad);
  EXPECT_EQ(graph.nodes[0].window, (Window{.pad_top = 1, .pad_left = 3}));
  EXPECT_EQ(read(shape, pad(Op::PADV2, {0, 0, 1, 2, 3, 4, 0, 0}, {0})).nodes[0].kind, OpKind::kPad);
  EXPECT_EQ(read(shape, pad(Op::PADV2, {0, 0, 1, 2, 3, 4, 0, 0}, {-7})).nodes[0].value, -7);
  expect_error(shape, pad(Op::PADV2, {0, 0, 1, 2, 3, 4, 0, 0}, {1, 2}), ErrorCode::kModel,
               "does not fit its shape");
  expect_error(shape, pad(Op::PAD, {0, 0, 1, 2, 3, 4, 0, 1}), ErrorCode::kUnsupported,
               "axes other than height and width");
  expect_error(shape, pad(Op::PAD, {0, 0, 1, 2, 3, -4, 0, 0}), ErrorCode::kModel, "out of range");
  expect_error(shape, pad(Op::PAD, {0, 0, 1 << 30, 1 << 30, 3, 4, 0, 0}), ErrorCode::kModel,
               "out of range");
  expect_error(shape, pad(Op::PAD, {1, 2, 3, 4, 0, 0}), ErrorCode::kModel, "do not fit");
}

// An operation on the input and a constant, in either order.
Apply binary(Op code, std::vector<int> shape, std::vector<int> output, bool constant_first,
             float value = 4) {
  return [=](TfliteBuilder& b, int in) {
    std::size_t size = 1;
    for (const int dim : shape) size *= static_cast<std::size_t>(dim);
    const int other = b.floats(shape, std::vector<float>(size, value));
    return b.apply(code, constant_first ? std::vector{other, in} : std::vector{in, other}, output);
  };
}

TEST(Operations, BinariesBroadcastTheSecondOperand) {
  const std::vector<int> shape = {1, 4, 6, 2};
  const std::vector<std::vector<int>> others = {{},           {2},       {1, 4, 1, 2}, {1, 1, 6, 2},
                                                {1, 4, 6, 1}, {4, 6, 2}, {1, 1, 1, 1}};
  for (const std::vector<int>& other : others) {
    for (const bool constant_first : {false, true}) {
      const Graph graph = read(shape, binary(Op::MUL, other, shape, constant_first));
      EXPECT_EQ(graph.nodes[0].kind, OpKind::kMul);
      EXPECT_EQ(graph.nodes[0].inputs[0], graph.input);
      EXPECT_TRUE(graph.is_constant(graph.nodes[0].inputs[1]));
    }
  }
  expect_error(shape, binary(Op::ADD, {3}, shape, false), ErrorCode::kUnsupported,
               "operands of shapes 1x4x6x2 and 1x1x1x3");
  expect_error({1, 4, 1, 2}, binary(Op::ADD, {1, 1, 6, 2}, shape, false), ErrorCode::kUnsupported,
               "operands of shapes");
}

TEST(Operations, BinariesBroadcastTheFirstOperand) {
  const Graph graph = read({1, 1, 1, 2}, binary(Op::ADD, {1, 4, 6, 2}, {1, 4, 6, 2}, false));
  EXPECT_EQ(graph.nodes[0].inputs[1], graph.input);
  EXPECT_EQ(graph.shape(graph.output), (Shape{4, 6, 2}));
}

TEST(Operations, Sub) {
  const std::vector<int> shape = {1, 4, 6, 2};
  const Graph minus = read(shape, binary(Op::SUB, {2}, shape, false));
  EXPECT_EQ(minus.nodes[0].kind, OpKind::kSub);
  EXPECT_EQ(minus.nodes[0].inputs[0], minus.input);
  const Graph equal = read(shape, binary(Op::SUB, shape, shape, true));
  EXPECT_EQ(equal.nodes[0].kind, OpKind::kSub);
  EXPECT_EQ(equal.nodes[0].inputs[1], equal.input);
  // c - x = -x + c
  const Graph from = read(shape, binary(Op::SUB, {2}, shape, true));
  ASSERT_EQ(from.nodes.size(), 2U);
  EXPECT_EQ(from.nodes[0].kind, OpKind::kMul);
  EXPECT_EQ(from.nodes[0].inputs[0], from.input);
  EXPECT_EQ(from.at(from.nodes[0].inputs[1]).constant.copy(), std::vector<float>{-1});
  EXPECT_EQ(from.nodes[1].kind, OpKind::kAdd);
  EXPECT_EQ(from.nodes[1].inputs[0], from.nodes[0].output);
  EXPECT_EQ(from.at(from.nodes[1].inputs[1]).constant.copy(), (std::vector<float>{4, 4}));
}

TEST(Operations, Div) {
  const std::vector<int> shape = {1, 4, 6, 2};
  const Graph graph = read(shape, binary(Op::DIV, {2}, shape, false));
  EXPECT_EQ(graph.nodes[0].kind, OpKind::kMul);
  EXPECT_EQ(graph.at(graph.nodes[0].inputs[1]).constant.copy(), (std::vector<float>{0.25F, 0.25F}));
  expect_error(shape, binary(Op::DIV, {2}, shape, true), ErrorCode::kUnsupported,
               "a divisor that is not a constant");
}

TEST(Operations, PreluAndLeakyRelu) {
  const std::vector<int> shape = {1, 4, 6, 2};
  const Graph prelu = read(shape, binary(Op::PRELU, {1, 1, 2}, shape, false, 0.5F));
  EXPECT_EQ(prelu.nodes[0].kind, OpKind::kPrelu);
  EXPECT_EQ(prelu.at(prelu.nodes[0].inputs[1]).constant.copy(), (std::vector<float>{0.5F, 0.5F}));
  expect_error(shape, binary(Op::PRELU, {1, 1, 3}, shape, false), ErrorCode::kModel, "its slope");
  const Graph leaky = read(shape, [](TfliteBuilder& b, int in) {
    return b.apply(Op::LEAKY_RELU, {in}, {1, 4, 6, 2}, fb::CreateLeakyReluOptions(b.flat(), 0.25F));
  });
  EXPECT_EQ(leaky.nodes[0].kind, OpKind::kPrelu);
  EXPECT_EQ(leaky.at(leaky.nodes[0].inputs[1]).constant.copy(), std::vector{0.25F});
}

TEST(Operations, ConcatenatesChannelsOnly) {
  const auto concat = [](int axis,
                         fb::ActivationFunctionType activation = fb::ActivationFunctionType::NONE) {
    return [=](TfliteBuilder& b, int in) {
      return b.apply(Op::CONCATENATION, {in, in}, {1, 4, 6, 4},
                     fb::CreateConcatenationOptions(b.flat(), axis, activation));
    };
  };
  EXPECT_EQ(read({1, 4, 6, 2}, concat(-1)).nodes[0].kind, OpKind::kConcat);
  EXPECT_EQ(read({1, 4, 6, 2}, concat(3)).nodes[0].kind, OpKind::kConcat);
  expect_error({1, 4, 6, 2}, concat(1), ErrorCode::kUnsupported, "an axis other than channels");
  expect_error({1, 4, 6, 2}, concat(9), ErrorCode::kModel, "out of range");
  expect_error({1, 4, 6, 2}, concat(3, fb::ActivationFunctionType::RELU), ErrorCode::kUnsupported,
               "a fused activation");
}

Apply split(int axis, int parts, std::vector<int> part) {
  return [=](TfliteBuilder& b, int in) {
    std::vector<int> outputs;
    for (int i = 0; i < parts; ++i) outputs.push_back(b.tensor(part));
    b.operation(Op::SPLIT, {b.integers({axis}), in}, outputs);
    return outputs.back();
  };
}

TEST(Operations, Split) {
  const Graph graph = read({1, 2, 2, 6}, split(3, 3, {1, 2, 2, 2}));
  ASSERT_EQ(graph.nodes.size(), 3U);
  for (int i = 0; i < 3; ++i) {
    const Node& node = graph.nodes[static_cast<std::size_t>(i)];
    EXPECT_EQ(node.kind, OpKind::kSelect);
    EXPECT_EQ(node.selection.first, 2 * i);
    EXPECT_EQ(node.selection.times, 1);
  }
  EXPECT_EQ(read({1, 2, 2, 6}, split(-1, 1, {1, 2, 2, 6})).nodes.size(), 1U);
  expect_error({1, 2, 2, 6}, split(3, 4, {1, 2, 2, 2}), ErrorCode::kModel, "divided evenly");
  expect_error({1, 2, 2, 6}, split(3, 3, {1, 2, 2, 3}), ErrorCode::kModel, "instead of 1x2x2x2");
  expect_error({1, 2, 2, 6}, split(2, 2, {1, 2, 1, 6}), ErrorCode::kUnsupported,
               "an axis other than channels");
}

Apply convolve_groups(std::vector<int> filter, Op code = Op::CONV_2D) {
  return [=](TfliteBuilder& b, int in) {
    const auto size = static_cast<std::size_t>(filter[0] * filter[1] * filter[2] * filter[3]);
    const int channels = code == Op::CONV_2D ? filter[0] : filter[3];
    const int weights = b.floats(filter, test::noise(size, 1));
    const int bias = b.floats({channels}, test::noise(static_cast<std::size_t>(channels), 2));
    const std::vector<int> out = {1, 4, 6, channels};
    if (code == Op::CONV_2D) {
      return b.apply(code, {in, weights, bias}, out,
                     fb::CreateConv2DOptions(b.flat(), fb::Padding::SAME, 1, 1));
    }
    return b.apply(code, {in, weights, bias}, out,
                   fb::CreateDepthwiseConv2DOptions(b.flat(), fb::Padding::SAME, 1, 1, 2));
  };
}

// The value that the network computes for one output, from all weights and a picture of noise.
float expected_of_groups(int y, int x, int o, int groups) {
  const int in_channels = 4, out_channels = 6, depth = in_channels / groups;
  const auto weights = test::noise(static_cast<std::size_t>(out_channels * 9 * depth), 1);
  const auto picture = test::noise(4 * 6 * 4, 3);
  float sum = test::noise(6, 2)[static_cast<std::size_t>(o)];
  for (int tap = 0; tap < 9; ++tap) {
    const int row = y + tap / 3 - 1, column = x + tap % 3 - 1;
    if (row < 0 || row > 3 || column < 0 || column > 5) continue;
    for (int c = 0; c < depth; ++c) {
      const int from = o / (out_channels / groups) * depth + c;
      sum += weights[static_cast<std::size_t>((o * 9 + tap) * depth + c)] *
             picture[static_cast<std::size_t>((row * 6 + column) * 4 + from)];
    }
  }
  return sum;
}

TEST(Operations, ConvolutionInGroups) {
  const Graph graph = read({1, 4, 6, 4}, convolve_groups({6, 3, 3, 2}));
  const auto output = reference::run(graph, test::noise(4 * 6 * 4, 3));
  ASSERT_EQ(output.size(), 4U * 6 * 6);
  for (int i = 0; i < 4 * 6 * 6; ++i) {
    EXPECT_NEAR(output[static_cast<std::size_t>(i)],
                expected_of_groups(i / 36, i / 6 % 6, i % 6, 2), 1e-5F);
  }
  expect_error({1, 4, 6, 4}, convolve_groups({5, 3, 3, 2}), ErrorCode::kModel, "divided evenly");
  expect_error({1, 4, 6, 4}, convolve_groups({6, 3, 3, 3}), ErrorCode::kModel, "its filter is");
}

TEST(Operations, DepthwiseConvolutionWithTwoFiltersForEachChannel) {
  const Graph graph = read({1, 4, 6, 4}, convolve_groups({1, 3, 3, 8}, Op::DEPTHWISE_CONV_2D));
  ASSERT_EQ(graph.nodes.size(), 2U);
  EXPECT_EQ(graph.nodes[0].kind, OpKind::kSelect);
  EXPECT_EQ(graph.nodes[0].selection.times, 2);
  EXPECT_EQ(graph.nodes[1].kind, OpKind::kDepthwiseConv2d);
}

TEST(Operations, DepthwiseConvolutionOfAPictureThatIsTooLargeWithItsCopies) {
  expect_error(
      {1, 4096, 4096, 1},
      [](TfliteBuilder& b, int in) {
        const int filter = b.floats({1, 1, 1, 64}, std::vector<float>(64, 1));
        const auto options =
            fb::CreateDepthwiseConv2DOptions(b.flat(), fb::Padding::VALID, 4096, 4096, 64);
        return b.apply(Op::DEPTHWISE_CONV_2D, {in, filter}, {1, 1, 1, 64}, options);
      },
      ErrorCode::kUnsupported, "its input for all its filters is too large");
}

TEST(Operations, TransposeOfFiveDimensions) {
  const auto shuffle = [](std::vector<int> order) {
    return [order](TfliteBuilder& b, int in) {
      int at = reshape({1, 2, 3, 2, 2}, {1, 2, 3, 2, 2})(b, in);
      at = transpose(order, {1, 2, 3, 2, 2})(b, at);
      return reshape({1, 2, 3, 4}, {1, 2, 3, 4})(b, at);
    };
  };
  for (const auto& order : {std::vector{0, 1, 2, 4, 3}, std::vector{0, 1, 2, -1, -2}}) {
    const Graph graph = read({1, 2, 3, 4}, shuffle(order));
    EXPECT_EQ(graph.nodes[1].permutation, (std::array{0, 1, 3, 2}));
  }
  expect_error({1, 2, 3, 4}, shuffle({0, 0, 1, 2, 3}), ErrorCode::kModel, "an axis is repeated");
  expect_error({1, 2, 3, 4}, shuffle({0, -5, 1, 2, 3}), ErrorCode::kModel, "out of range");
}

// The shuffle of a ShuffleNet with its channels first, as converters write it.
TEST(Operations, ShuffleOfChannels) {
  const Graph graph = read({1, 2, 3, 4}, [](TfliteBuilder& b, int in) {
    const auto transpose = [&](int from, const std::vector<int>& order, std::vector<int> shape) {
      return b.apply(Op::TRANSPOSE, {from, b.integers(order)}, std::move(shape));
    };
    int at = transpose(in, {0, 3, 1, 2}, {1, 4, 2, 3});
    at = reshape({1, 2, 2, 2, 3}, {1, 2, 2, 2, 3})(b, at);
    at = transpose(at, {0, 2, 1, 3, 4}, {1, 2, 2, 2, 3});
    at = reshape({1, 4, 2, 3}, {1, 4, 2, 3})(b, at);
    return transpose(at, {0, 2, 3, 1}, {1, 2, 3, 4});
  });
  const std::vector<float> input = test::noise(24, 1);
  const auto output = reference::run(graph, input);
  ASSERT_EQ(output.size(), input.size());
  constexpr std::size_t kFrom[] = {0, 2, 1, 3};
  for (std::size_t i = 0; i < 24; ++i) EXPECT_EQ(output[i], input[i / 4 * 4 + kFrom[i % 4]]);
}

TEST(Operations, OperandsOfAnotherType) {
  const Apply convert = [](TfliteBuilder& b, int in) {
    const int labels = arg_max(3, {1, 4, 6, 1}, fb::TensorType::INT32)(b, in);
    return b.apply(Op::RELU, {labels}, {1, 4, 6, 1});
  };
  expect_error({1, 4, 6, 2}, convert, ErrorCode::kUnsupported, "of type INT32, where float32");
  const Apply unknown = [](TfliteBuilder& b, int in) {
    return b.apply(Op::CONV_2D, {in, in}, {1, 4, 6, 1},
                   fb::CreateConv2DOptions(b.flat(), fb::Padding::SAME, 1, 1,
                                           fb::ActivationFunctionType::SIGN_BIT));
  };
  expect_error({1, 1, 1, 1}, unknown, ErrorCode::kUnsupported, "the activation SIGN_BIT");
}

}  // namespace
}  // namespace backdrop
