#include <array>
#include <cstring>
#include <utility>

#include "commands.h"
#include "engine.h"
#include "failure.h"
#include "file.h"
#include "npy.h"
#include "progress.h"

namespace backdrop::cli {
namespace {

std::string describe(const std::vector<std::size_t>& shape) {
  std::string text = "(";
  for (const std::size_t size : shape) text += (text == "(" ? "" : ", ") + std::to_string(size);
  return text + ")";
}

std::vector<std::size_t> input_shape(const backdrop_model_info& info) {
  return {static_cast<std::size_t>(info.input_height), static_cast<std::size_t>(info.input_width),
          static_cast<std::size_t>(info.input_channels)};
}

// Float values are the network's input as they are; bytes are RGB, scaled to the model's range and
// put into its order.
std::vector<float> network_input(const NpyArray& array, const backdrop_model_info& info) {
  if (array.shape != input_shape(info)) {
    throw Failure("its shape is " + describe(array.shape) + ", the model takes " +
                  describe(input_shape(info)));
  }
  if (array.type == NpyArray::Type::kFloat32) {
    std::vector<float> values(array.data.size() / sizeof(float));
    std::memcpy(values.data(), array.data.data(), array.data.size());
    return values;
  }
  if (info.input_channels != 3) throw Failure("bytes are RGB; the model takes float32");
  std::vector<float> values;
  values.reserve(array.data.size());
  const bool is_rgb = info.channel_order == BACKDROP_CHANNELS_RGB;
  for (std::size_t i = 0; i < array.data.size(); ++i) {
    const std::size_t c = i % 3;
    const float min = info.channel_min[c], max = info.channel_max[c];
    const auto byte = static_cast<float>(array.data[is_rgb ? i : i - c + (2 - c)]);
    values.push_back(min + byte * (max - min) / 255.0f);
  }
  return values;
}

}  // namespace

void infer(const InferArguments& arguments) {
  refuse_to_replace(arguments.input, arguments.output);
  refuse_to_replace(arguments.model.model.value_or(""), arguments.output);
  Progress progress;
  progress.stage("reading the model");
  Engine engine = make_engine(arguments.model, arguments.threads, progress);
  const backdrop_model_info& info = engine.model_info();
  progress.stage("reading " + arguments.input);
  const std::vector<float> input = naming(
      arguments.input, [&] { return network_input(decode_npy(read_file(arguments.input)), info); });
  progress.stage("running the network");
  const std::vector<float> output = engine.infer(input);
  const std::array shape = {static_cast<std::size_t>(info.output_height),
                            static_cast<std::size_t>(info.output_width),
                            static_cast<std::size_t>(info.output_channels)};
  naming(arguments.output, [&] { write_file(arguments.output, encode_npy(output, shape)); });
}

}  // namespace backdrop::cli
