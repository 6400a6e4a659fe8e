// Writes small models into the folder named: one with every kind of operation, and a few that have
// one operation each.
#include <cstdio>
#include <string>
#include <vector>

#include "tflite_builder.h"

namespace {

namespace fb = backdrop::tflite;
using backdrop::test::TfliteBuilder;

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
  b.operation(fb::BuiltinOperator::DEPTHWISE_CONV_2D, {input, filter, b.floats({4}, {1, 2, 3, 4})},
              output, fb::BuiltinOptions::DepthwiseConv2DOptions,
              fb::CreateDepthwiseConv2DOptions(b.flat(), fb::Padding::SAME, 2, 2, 1,
                                               fb::ActivationFunctionType::RELU6)
                  .Union());
  return b.finish({input}, {output});
}

std::vector<std::uint8_t> pool_and_connect() {
  TfliteBuilder b;
  const int input = b.tensor({1, 4, 4, 3});
  const int pooled = b.tensor({1, 1, 1, 3});
  b.operation(fb::BuiltinOperator::AVERAGE_POOL_2D, {input}, pooled,
              fb::BuiltinOptions::Pool2DOptions,
              fb::CreatePool2DOptions(b.flat(), fb::Padding::VALID, 4, 4, 4, 4).Union());
  const int output = b.tensor({1, 1, 1, 2});
  b.operation(fb::BuiltinOperator::FULLY_CONNECTED,
              {pooled, b.floats({2, 3}, {1, 2, 3, 4, 5, 6}), b.floats({2}, {1, 2})}, output,
              fb::BuiltinOptions::FullyConnectedOptions,
              fb::CreateFullyConnectedOptions(b.flat()).Union());
  return b.finish({input}, {output});
}

std::vector<std::uint8_t> concatenate_and_add() {
  TfliteBuilder b;
  const int input = b.tensor({1, 3, 2, 2});
  const int both = b.tensor({1, 3, 2, 4});
  b.operation(fb::BuiltinOperator::CONCATENATION, {input, input}, both,
              fb::BuiltinOptions::ConcatenationOptions,
              fb::CreateConcatenationOptions(b.flat(), -1).Union());
  const int output = b.tensor({1, 3, 2, 4});
  b.operation(fb::BuiltinOperator::ADD, {both, b.floats({4}, {1, 2, 3, 4})}, output,
              fb::BuiltinOptions::AddOptions,
              fb::CreateAddOptions(b.flat(), fb::ActivationFunctionType::RELU).Union());
  return b.finish({input}, {output});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string folder = argv[1];
  const bool written = write(folder + "/small_network", backdrop::test::small_network()) &&
                       write(folder + "/depthwise", depthwise()) &&
                       write(folder + "/pool_and_connect", pool_and_connect()) &&
                       write(folder + "/concatenate_and_add", concatenate_and_add());
  return written ? 0 : 1;
}
