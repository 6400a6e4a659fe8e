// The reader of models: networks resized to an input size other than the file's.
#include <gtest/gtest.h>

#include "model_checks.h"
#include "support.h"
#include "tflite_builder.h"

namespace backdrop {
namespace {

using test::expect_error;
using test::TfliteBuilder;
namespace fb = tflite;
using Op = fb::BuiltinOperator;

constexpr auto kUnsupported = ErrorCode::kUnsupported;

class Builder : public TfliteBuilder {
 public:
  // 3x3 with stride 2: halves the size, rounded up.
  int halve(int in, std::vector<int> shape, fb::Padding padding = fb::Padding::SAME) {
    const int out = tensor(std::move(shape));
    convolution(in, floats({1, 3, 3, 1}, std::vector<float>(9)), floats({1}, {0}), out, 2, padding);
    return out;
  }

  int resize(int in, int height, int width) {
    return apply(Op::RESIZE_BILINEAR, {in, integers({height, width})}, {1, height, width, 1},
                 fb::CreateResizeBilinearOptions(flat(), true));
  }

  int pool(int in, int window, int stride, fb::Padding padding, int size) {
    return apply(Op::AVERAGE_POOL_2D, {in}, {1, size, size, 1},
                 fb::CreatePool2DOptions(flat(), padding, stride, stride, window, window));
  }
};

Shape output_of(const std::vector<std::uint8_t>& file, InputSize size) {
  const auto graph = read_tflite(file, size);
  if (!graph) {
    ADD_FAILURE() << graph.error().message();
    return {};
  }
  EXPECT_EQ(graph->shape(graph->input).height, size.height);
  EXPECT_EQ(graph->shape(graph->input).width, size.width);
  return graph->shape(graph->output);
}

// 16 x 16 -> 8 x 8 -> 16 x 16.
std::vector<std::uint8_t> there_and_back() {
  Builder b;
  const int input = b.tensor({1, 16, 16, 1});
  const int half = b.halve(input, {1, 8, 8, 1});
  return b.finish({input}, {b.resize(half, 16, 16)});
}

TEST(Resizing, MapsStatedSizesToThoseOfTheTensors) {
  EXPECT_EQ(output_of(there_and_back(), {16, 16}), (Shape{16, 16, 1}));
  EXPECT_EQ(output_of(there_and_back(), {35, 21}), (Shape{21, 35, 1}));
  EXPECT_EQ(output_of(there_and_back(), {1, 1}), (Shape{1, 1, 1}));
}

TEST(Resizing, KeepsTheRatioOfSizesThatNoTensorHas) {
  Builder b;
  const int input = b.tensor({1, 16, 16, 1});
  const std::vector<std::uint8_t> doubled = b.finish({input}, {b.resize(input, 32, 48)});
  EXPECT_EQ(output_of(doubled, {10, 7}), (Shape{14, 30, 1}));
  Builder c;
  const int other = c.tensor({1, 16, 16, 1});
  const std::vector<std::uint8_t> odd = c.finish({other}, {c.resize(other, 25, 16)});
  EXPECT_EQ(output_of(odd, {16, 16}), (Shape{25, 16, 1}));
  expect_error(odd, kUnsupported,
               "the network cannot be resized to 17x16: RESIZE_BILINEAR: its height of 25 is fixed",
               InputSize{17, 16});
}

TEST(Resizing, RejectsAmbiguousSizes) {
  Builder b;  // two ways from 16 to 8, with different results for 17
  const int input = b.tensor({1, 16, 16, 1});
  const int up = b.halve(input, {1, 8, 8, 1});
  const int down = b.pool(input, 2, 2, fb::Padding::VALID, 8);
  const int sum = b.apply(Op::ADD, {up, down}, {1, 8, 8, 1});
  const std::vector<std::uint8_t> file = b.finish({input}, {sum});
  EXPECT_EQ(output_of(file, {18, 16}), (Shape{8, 9, 1}));
  expect_error(file, kUnsupported, "ADD: operands of shapes", InputSize{17, 16});
  Builder c;
  const int again = c.tensor({1, 16, 16, 1});
  const int one = c.pool(c.halve(again, {1, 8, 8, 1}), 8, 8, fb::Padding::VALID, 1);
  const int two = c.pool(c.pool(again, 2, 2, fb::Padding::VALID, 8), 8, 8, fb::Padding::VALID, 1);
  const int both = c.apply(Op::ADD, {one, two}, {1, 1, 1, 1});
  const int resized = c.resize(again, 8, 8);
  expect_error(c.finish({again}, {c.apply(Op::ADD, {resized, both}, {1, 8, 8, 1})}), kUnsupported,
               "its width of 8 is ambiguous: tensors of this size are resized differently",
               InputSize{17, 16});
}

TEST(Resizing, KeepsGlobalPoolsGlobal) {
  for (const auto padding : {fb::Padding::SAME, fb::Padding::VALID}) {
    Builder b;
    const int input = b.tensor({1, 16, 16, 1});
    const std::vector<std::uint8_t> file = b.finish({input}, {b.pool(input, 16, 16, padding, 1)});
    const auto graph = read_tflite(file, InputSize{35, 21});
    ASSERT_TRUE(graph) << graph.error().message();
    EXPECT_EQ(graph->shape(graph->output), (Shape{1, 1, 1}));
    EXPECT_EQ(graph->nodes[0].window.height, 21);
    EXPECT_EQ(graph->nodes[0].window.width, 35);
  }
  Builder b;
  const int input = b.tensor({1, 16, 16, 1});
  EXPECT_EQ(output_of(b.finish({input}, {b.pool(input, 4, 4, fb::Padding::VALID, 4)}), {35, 21}),
            (Shape{5, 8, 1}));
}

TEST(Resizing, RejectsReshapesOfImages) {
  Builder b;
  const int input = b.tensor({1, 16, 16, 1});
  const int flat = b.apply(Op::RESHAPE, {input, b.integers({1, 8, 32, 1})}, {1, 8, 32, 1});
  const std::vector<std::uint8_t> file = b.finish({input}, {flat});
  EXPECT_EQ(output_of(file, {16, 16}), (Shape{8, 32, 1}));
  expect_error(file, kUnsupported,
               "the network cannot be resized to 320x180: RESHAPE: its shape is fixed",
               InputSize{320, 180});
}

TEST(Resizing, AcceptsReshapesOfVectors) {
  Builder b;
  const int input = b.tensor({1, 16, 16, 1});
  const int mean = b.pool(input, 16, 16, fb::Padding::VALID, 1);
  const int flat = b.apply(Op::RESHAPE, {mean, b.integers({1, 1})}, {1, 1});
  EXPECT_EQ(output_of(b.finish({input}, {flat}), {35, 21}), (Shape{1, 1, 1}));
}

TEST(Resizing, ResizesTransposedConvolutions) {
  Builder b;
  const int input = b.tensor({1, 16, 16, 1});
  const int half = b.halve(input, {1, 8, 8, 1});
  const int filter = b.floats({1, 3, 3, 1}, std::vector<float>(9));
  const int output =
      b.apply(Op::TRANSPOSE_CONV, {b.integers({1, 16, 16, 1}), filter, half}, {1, 16, 16, 1},
              fb::CreateTransposeConvOptions(b.flat(), fb::Padding::SAME, 2, 2));
  const std::vector<std::uint8_t> file = b.finish({input}, {output});
  EXPECT_EQ(output_of(file, {35, 21}), (Shape{21, 35, 1}));
  EXPECT_EQ(output_of(file, {34, 20}), (Shape{20, 34, 1}));
}

TEST(Resizing, RejectsChannelsThatDependOnTheSize) {
  Builder b;
  const int input = b.tensor({1, 16, 16, 1});
  const int turned = b.apply(Op::TRANSPOSE, {input, b.integers({0, 1, 3, 2})}, {1, 16, 1, 16});
  const int output = b.apply(Op::RELU, {turned}, {1, 16, 1, 16});
  expect_error(b.finish({input}, {output}), kUnsupported, "its channels depend on the input's size",
               InputSize{35, 16});
}

TEST(Resizing, BoundsSizes) {
  for (const InputSize size : {InputSize{0, 5}, {5, -1}, {4097, 5}, {5, 1 << 30}}) {
    expect_error(there_and_back(), ErrorCode::kArgument, "from 1 to 4096", size);
  }
  Builder b;  // valid at 16 x 16 only
  const int input = b.tensor({1, 16, 16, 1});
  expect_error(b.finish({input}, {b.resize(input, 2048, 2048)}), kUnsupported, "too large",
               InputSize{4096, 4096});
}

TEST(Resizing, OpenInputsNeedASize) {
  Builder b;
  const int input = b.dynamic_tensor({1, 1, 1, 1}, {-1, -1, -1, 1});
  const int half = b.halve(input, {1, 1, 1, 1});
  const int fixed = b.resize(half, 32, 32);
  const std::vector<std::uint8_t> file = b.finish({input}, {fixed});
  expect_error(file, kUnsupported,
               "the network's input has a dynamic size (-1x-1x-1x1): an input size is required");
  const auto graph = read_tflite(file, InputSize{35, 21});
  ASSERT_TRUE(graph) << graph.error().message();
  EXPECT_EQ(graph->shape(graph->nodes[0].output), (Shape{11, 18, 1}));
  EXPECT_EQ(graph->shape(graph->output), (Shape{32, 32, 1}));
}

TEST(Resizing, ReportsErrorsOfTheFileFirst) {
  Builder b;
  const int input = b.tensor({1, 16, 16, 1});
  const int output = b.apply(Op::RELU, {input}, {1, 16, 15, 1});
  expect_error(b.finish({input}, {output}), ErrorCode::kModel, "RELU: its output is 1x16x15x1",
               InputSize{35, 21});
  Builder c;
  const int vector = c.tensor({16});
  const int same = c.apply(Op::RELU, {vector}, {16});
  expect_error(c.finish({vector}, {same}), kUnsupported, "its input is not a picture",
               InputSize{35, 21});
}

struct Expected {
  const char* file;
  InputSize size;
  Shape output;
};

class ResizedModels : public testing::TestWithParam<Expected> {};

TEST_P(ResizedModels, HaveTheseOutputs) {
  const auto file = test::find_model(GetParam().file);
  if (!file) GTEST_SKIP() << GetParam().file << " is not here";
  EXPECT_EQ(output_of(*file, GetParam().size), GetParam().output);
}

INSTANTIATE_TEST_SUITE_P(
    Resizing, ResizedModels,
    testing::Values(Expected{"bodypix_float_050_stride8_257.tflite", {320, 180}, {23, 40, 1}},
                    Expected{"bodypix_float_050_stride8_257.tflite", {321, 185}, {24, 41, 1}},
                    Expected{"deeplabv3_257_mv_gpu.tflite", {320, 180}, {180, 320, 21}},
                    Expected{"deeplabv3_257_mv_gpu.tflite", {321, 185}, {185, 321, 21}},
                    Expected{"segm_full_v679.tflite", {320, 180}, {180, 320, 2}},
                    Expected{"segm_full_v679.tflite", {321, 185}, {185, 321, 2}},
                    Expected{"segm_lite_v681.tflite", {321, 185}, {185, 321, 2}},
                    Expected{"selfie_segmentation_landscape.tflite", {321, 185}, {185, 321, 1}},
                    Expected{"selfiesegmentation_mlkit-256x256-2021_01_19-v1215.f16.tflite",
                             {321, 185},
                             {185, 321, 1}}));

TEST(Resizing, RejectsTheMulticlassModel) {
  const auto file = test::find_model("selfie_multiclass_256x256.tflite");
  if (!file) GTEST_SKIP() << "selfie_multiclass_256x256.tflite is not here";
  EXPECT_EQ(output_of(*file, {256, 256}), (Shape{256, 256, 6}));
  expect_error(*file, kUnsupported, "cannot be resized to 320x180: RESHAPE: its shape is fixed",
               InputSize{320, 180});
}

}  // namespace
}  // namespace backdrop
