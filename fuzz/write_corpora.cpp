// Writes the fuzzers' seed corpora into the given folder, one subfolder for each fuzzer: small
// models that together have every kind of operation, metadata, pictures, and noise for the targets
// whose bytes are choices.
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "color_profile.h"
#include "jpeg.h"
#include "metadata_builder.h"
#include "png_file.h"
#include "quantized_networks.h"
#include "tflite_builder.h"
#include "zip_writer.h"

namespace {

namespace fb = backdrop::tflite;
using backdrop::test::Scales;
using backdrop::test::TfliteBuilder;
using Op = fb::BuiltinOperator;

bool write(const std::string& path, const std::vector<std::uint8_t>& bytes) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return false;
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  return std::fclose(file) == 0 && written;
}

std::vector<std::uint8_t> depthwise() {
  TfliteBuilder b;
  const int input = b.tensor({1, 5, 6, 4});
  const int output = b.tensor({1, 3, 3, 4});
  const int filter = b.floats({1, 3, 3, 4}, std::vector<float>(36, 0.5F));
  b.operation(Op::DEPTHWISE_CONV_2D, {input, filter, b.floats({4}, {1, 2, 3, 4})}, output,
              fb::BuiltinOptions::DepthwiseConv2DOptions,
              fb::CreateDepthwiseConv2DOptions(b.flat(), fb::Padding::SAME, 2, 2, 1,
                                               fb::ActivationFunctionType::RELU6)
                  .Union());
  return b.finish({input}, {output});
}

std::vector<std::uint8_t> pool_and_connect() {
  TfliteBuilder b;
  const int input = b.tensor({1, 4, 4, 3});
  const int pooled = b.tensor({1, 1, 1, 3});
  b.operation(Op::AVERAGE_POOL_2D, {input}, pooled, fb::BuiltinOptions::Pool2DOptions,
              fb::CreatePool2DOptions(b.flat(), fb::Padding::VALID, 4, 4, 4, 4).Union());
  const int output = b.tensor({1, 1, 1, 2});
  b.operation(Op::FULLY_CONNECTED,
              {pooled, b.floats({2, 3}, {1, 2, 3, 4, 5, 6}), b.floats({2}, {1, 2})}, output,
              fb::BuiltinOptions::FullyConnectedOptions,
              fb::CreateFullyConnectedOptions(b.flat()).Union());
  return b.finish({input}, {output});
}

std::vector<std::uint8_t> concatenate_and_add() {
  TfliteBuilder b;
  const int input = b.tensor({1, 3, 2, 2});
  const int both = b.tensor({1, 3, 2, 4});
  b.operation(Op::CONCATENATION, {input, input}, both, fb::BuiltinOptions::ConcatenationOptions,
              fb::CreateConcatenationOptions(b.flat(), -1).Union());
  const int output = b.tensor({1, 3, 2, 4});
  b.operation(Op::ADD, {both, b.floats({4}, {1, 2, 3, 4})}, output, fb::BuiltinOptions::AddOptions,
              fb::CreateAddOptions(b.flat(), fb::ActivationFunctionType::RELU).Union());
  return b.finish({input}, {output});
}

// Attention: a reshape into separate windows, a softmax over them, and a sum.
std::vector<std::uint8_t> attend() {
  TfliteBuilder b;
  const int input = b.tensor({1, 4, 6, 2});
  const int apart = b.apply(Op::RESHAPE, {input, b.integers({-1, 2, 6, 2})}, {2, 2, 6, 2});
  const int turned = b.apply(Op::TRANSPOSE, {apart, b.integers({0, 2, 1, 3})}, {2, 6, 2, 2});
  const int joined = b.apply(Op::RESHAPE, {turned, b.integers({1, 12, 2, 2})}, {1, 12, 2, 2});
  const int weights =
      b.apply(Op::SOFTMAX, {joined}, {1, 12, 2, 2}, fb::CreateSoftmaxOptions(b.flat(), 1));
  const int sum = b.apply(Op::SUM, {weights, b.integers({2})}, {1, 12, 1, 2},
                          fb::CreateReducerOptions(b.flat(), true));
  const int output = b.apply(Op::MUL, {sum, joined}, {1, 12, 2, 2});
  return b.finish({input}, {output});
}

std::vector<std::uint8_t> decode() {
  TfliteBuilder b;
  const int input = b.tensor({1, 4, 6, 2});
  const int padded = b.apply(
      Op::PAD,
      {input, b.constant<std::int32_t>({4, 2}, fb::TensorType::INT32, {0, 0, 1, 1, 1, 1, 0, 0})},
      {1, 6, 8, 2});
  const int pooled = b.apply(Op::MAX_POOL_2D, {padded}, {1, 3, 4, 2},
                             fb::CreatePool2DOptions(b.flat(), fb::Padding::VALID, 2, 2, 2, 2));
  const int sloped = b.apply(Op::PRELU, {pooled, b.floats({1, 1, 2}, {0.1F, -2})}, {1, 3, 4, 2});
  const int leaky =
      b.apply(Op::LEAKY_RELU, {sloped}, {1, 3, 4, 2}, fb::CreateLeakyReluOptions(b.flat(), 0.1F));
  const int from = b.apply(Op::SUB, {b.floats({2}, {1, 2}), leaky}, {1, 3, 4, 2});
  const int part = b.apply(Op::DIV, {from, b.floats({2}, {3, 4})}, {1, 3, 4, 2});
  const int large = b.apply(Op::RESIZE_NEAREST_NEIGHBOR, {part, b.integers({6, 8})}, {1, 6, 8, 2},
                            fb::CreateResizeNearestNeighborOptions(b.flat(), false, true));
  const int difference = b.apply(Op::SUB, {large, padded}, {1, 6, 8, 2});
  const int output =
      b.apply(Op::TRANSPOSE_CONV,
              {b.integers({1, 12, 16, 1}), b.floats({1, 3, 3, 2}, std::vector<float>(18, 0.5F)),
               difference},
              {1, 12, 16, 1}, fb::CreateTransposeConvOptions(b.flat(), fb::Padding::SAME, 2, 2));
  return b.finish({input}, {output});
}

std::vector<std::uint8_t> label() {
  TfliteBuilder b;
  const int input = b.tensor({1, 4, 6, 3});
  const int output = b.tensor({1, 4, 6}, fb::TensorType::INT64);
  b.operation(Op::ARG_MAX, {input, b.integers({3})}, output);
  return b.finish({input}, {output});
}

std::vector<std::uint8_t> squeeze() {
  TfliteBuilder b;
  const int input = b.tensor({1, 4, 6, 1});
  const std::vector<int> dropped = {3};
  const int flat =
      b.apply(Op::SQUEEZE, {input}, {1, 4, 6}, fb::CreateSqueezeOptionsDirect(b.flat(), &dropped));
  const int output = b.apply(Op::EXPAND_DIMS, {flat, b.integers({-1})}, {1, 4, 6, 1});
  return b.finish({input}, {output});
}

// Channels first, a state, two outputs, and a convolution in groups behind a split.
std::vector<std::uint8_t> recurrent() {
  TfliteBuilder b;
  const int input = b.tensor({1, 4, 4, 6});
  const int state = b.tensor({1, 4, 6, 2});
  const int image = b.apply(Op::TRANSPOSE, {input, b.integers({0, 2, 3, 1})}, {1, 4, 6, 4});
  const int convolved =
      b.apply(Op::CONV_2D, {image, b.floats({4, 1, 1, 2}, {1, -1, 0.5F, 2, 1, 0, 0, 1})},
              {1, 4, 6, 4}, fb::CreateConv2DOptions(b.flat(), fb::Padding::SAME, 1, 1));
  const int first = b.tensor({1, 4, 6, 2}), second = b.tensor({1, 4, 6, 2});
  b.operation(Op::SPLIT, {b.integers({3}), convolved}, {first, second});
  const int kept = b.apply(Op::ADD, {first, state}, {1, 4, 6, 2});
  const int sum = b.apply(Op::MUL, {second, kept}, {1, 4, 6, 2});
  const int output = b.apply(Op::TRANSPOSE, {sum, b.integers({0, 3, 1, 2})}, {1, 2, 4, 6});
  b.signature("serving_default", "mask", output);
  return b.finish({input, state}, {output, kept});
}

// A shuffle of channels in five dimensions.
std::vector<std::uint8_t> shuffle() {
  TfliteBuilder b;
  const int input = b.tensor({1, 2, 3, 4});
  const int apart = b.apply(Op::RESHAPE, {input, b.integers({1, 2, 3, 2, 2})}, {1, 2, 3, 2, 2});
  const int turned = b.apply(Op::TRANSPOSE, {apart, b.integers({0, 1, 2, 4, 3})}, {1, 2, 3, 2, 2});
  const int output = b.apply(Op::RESHAPE, {turned, b.integers({1, 2, 3, 4})}, {1, 2, 3, 4});
  return b.finish({input}, {output});
}

// Weights of integers beside floats, two filters for each channel, and a value other than zero
// beside the picture, of which there is a second, grey.
std::vector<std::uint8_t> dynamic_range() {
  TfliteBuilder b;
  const int grey = b.tensor({1, 4, 6, 1}), image = b.tensor({1, 4, 6, 3});
  const std::vector<std::int8_t> bytes(54, 3);
  const Scales along_last{std::vector<float>(6, 0.1F), std::vector<std::int64_t>(6, 0), 3};
  const int filter = b.constant({1, 3, 3, 6}, fb::TensorType::INT8, bytes, &along_last);
  const int padded = b.apply(
      Op::PADV2,
      {image, b.constant({4, 2}, fb::TensorType::INT32, std::vector{0, 0, 1, 1, 1, 1, 0, 0}),
       b.floats({1}, {-1})},
      {1, 6, 8, 3});
  const int features =
      b.apply(Op::DEPTHWISE_CONV_2D, {padded, filter}, {1, 4, 6, 6},
              fb::CreateDepthwiseConv2DOptions(b.flat(), fb::Padding::VALID, 1, 1, 2));
  const Scales one{{0.5F}, {-128}};
  const int weights =
      b.constant({1, 1, 1, 6}, fb::TensorType::INT8, std::vector<std::int8_t>(6, -100), &one);
  const int mask = b.apply(Op::CONV_2D, {features, weights}, {1, 4, 6, 1},
                           fb::CreateConv2DOptions(b.flat(), fb::Padding::SAME, 1, 1));
  return b.finish({grey, image}, {b.apply(Op::ADD, {mask, grey}, {1, 4, 6, 1})});
}

// Wide enough for integers.
std::vector<std::uint8_t> wide() {
  TfliteBuilder b;
  const auto convolve = [&](int in, int from, int to, int window) {
    const auto count = static_cast<std::size_t>(from * to * window * window);
    const int filter = b.floats({to, window, window, from}, std::vector<float>(count, 0.1F));
    return b.apply(Op::CONV_2D, {in, filter}, {1, 8, 8, to},
                   fb::CreateConv2DOptions(b.flat(), fb::Padding::SAME, 1, 1));
  };
  const int input = b.tensor({1, 8, 8, 3});
  const int logits = convolve(convolve(convolve(input, 3, 16, 1), 16, 32, 3), 32, 1, 1);
  const int output = b.named("mask").apply(Op::LOGISTIC, {logits}, {1, 8, 8, 1});
  return b.finish({input}, {output});
}

std::vector<std::uint8_t> with_metadata() {
  std::vector<std::uint8_t> model = backdrop::test::model_with(backdrop::test::metadata_of({}));
  const auto zip = backdrop::test::zip_of({{"labels.txt", "background\nperson\n"}}, model.size());
  model.insert(model.end(), zip.begin(), zip.end());
  return model;
}

// Enough choices for a whole sequence of calls.
bool write_choices(const std::string& folder) {
  constexpr int kFiles = 8, kBytes = 400;
  std::minstd_rand random;
  for (int file = 0; file < kFiles; ++file) {
    std::vector<std::uint8_t> bytes(kBytes);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random() >> 8);
    if (!write(folder + "/" + std::to_string(file), bytes)) return false;
  }
  return true;
}

// With the profile of Display P3.
bool write_pictures(const std::string& folder) {
  using namespace backdrop::cli;
  Picture picture;
  picture.resize(16, 8);
  picture.profile = make_profile(
      {.x = 0.3127, .y = 0.3290},
      {{{.x = 0.680, .y = 0.320}, {.x = 0.265, .y = 0.690}, {.x = 0.150, .y = 0.060}}}, 2.2);
  picture.density = {.across = 11811, .down = 2835};
  return write(folder + "/png", encode_png(picture)) &&
         write(folder + "/jpeg", encode_jpeg(picture));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  using namespace backdrop::test;
  const std::string models = std::string(argv[1]) + "/fuzz_model/";
  const std::string metadata = std::string(argv[1]) + "/fuzz_metadata/";
  const bool written =
      write(models + "small_network", backdrop::test::small_network()) &&
      write(models + "depthwise", depthwise()) &&
      write(models + "pool_and_connect", pool_and_connect()) &&
      write(models + "concatenate_and_add", concatenate_and_add()) &&
      write(models + "attend", attend()) && write(models + "decode", decode()) &&
      write(models + "label", label()) && write(models + "squeeze", squeeze()) &&
      write(models + "recurrent", recurrent()) && write(models + "shuffle", shuffle()) &&
      write(models + "dynamic_range", dynamic_range()) && write(models + "wide", wide()) &&
      write(models + "integers", quantized_network(Ends::kIntegers)) &&
      write(models + "float_ends", quantized_network(Ends::kFloats)) &&
      write(metadata + "with_metadata", with_metadata()) &&
      write_pictures(std::string(argv[1]) + "/fuzz_pictures");
  for (const char* target : {"fuzz_frames", "fuzz_instruction_sets", "fuzz_planning",
                             "fuzz_sequences", "fuzz_gl_sequences"}) {
    if (!write_choices(std::string(argv[1]) + "/" + target)) return 1;
  }
  return written ? 0 : 1;
}
