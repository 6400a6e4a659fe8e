// Writes small .tflite files, valid and invalid, for tests and for the fuzzer's seed corpus.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "flatbuffers/flatbuffers.h"
#undef ARG_MAX
#include "tflite_generated.h"

namespace backdrop::test {

namespace fb = backdrop::tflite;

// What a quantized tensor's integers stand for: one scale, or one for each index of `dimension`.
struct Scales {
  std::vector<float> scales;
  std::vector<std::int64_t> zero_points = {0};
  int dimension = 0;
};

class TfliteBuilder {
 public:
  TfliteBuilder() { buffers_.push_back(fb::CreateBuffer(fbb_)); }

  int tensor(std::vector<int> shape, fb::TensorType type = fb::TensorType::FLOAT32) {
    return add_tensor(std::move(shape), type, 0);
  }

  int quantized(std::vector<int> shape, fb::TensorType type, const Scales& scales) {
    return add_tensor(std::move(shape), type, 0, nullptr, parameters_of(&scales));
  }

  // A tensor whose shape signature has -1 where the size is left open.
  int dynamic_tensor(std::vector<int> shape, const std::vector<int>& signature,
                     fb::TensorType type = fb::TensorType::FLOAT32) {
    return add_tensor(std::move(shape), type, 0, &signature);
  }

  // A constant whose values lie elsewhere in the file, or outside the file.
  int external(std::vector<int> shape, std::uint64_t offset, std::uint64_t size) {
    buffers_.push_back(fb::CreateBuffer(fbb_, 0, offset, size));
    return add_tensor(std::move(shape), fb::TensorType::FLOAT32,
                      static_cast<std::uint32_t>(buffers_.size() - 1));
  }

  // Calls the next tensor so.
  TfliteBuilder& named(std::string name) {
    name_ = std::move(name);
    return *this;
  }

  template <typename T>
  int constant(std::vector<int> shape, fb::TensorType type, const std::vector<T>& values,
               const Scales* scales = nullptr) {
    return constant(std::move(shape), type, values, parameters_of(scales));
  }

  template <typename T>
  int constant(std::vector<int> shape, fb::TensorType type, const std::vector<T>& values,
               flatbuffers::Offset<fb::QuantizationParameters> quantization) {
    const std::vector<std::uint8_t> bytes = bytes_of(values);
    fbb_.ForceVectorAlignment(bytes.size(), 1, 16);
    buffers_.push_back(fb::CreateBuffer(fbb_, fbb_.CreateVector(bytes)));
    return add_tensor(std::move(shape), type, static_cast<std::uint32_t>(buffers_.size() - 1),
                      nullptr, quantization);
  }

  int floats(std::vector<int> shape, const std::vector<float>& values) {
    return constant(std::move(shape), fb::TensorType::FLOAT32, values);
  }

  int integers(const std::vector<std::int32_t>& values) {
    return constant({static_cast<int>(values.size())}, fb::TensorType::INT32, values);
  }

  void operation(fb::BuiltinOperator code, const std::vector<int>& inputs,
                 const std::vector<int>& outputs,
                 fb::BuiltinOptions type = fb::BuiltinOptions::NONE,
                 flatbuffers::Offset<void> options = 0) {
    codes_.push_back(fb::CreateOperatorCode(fbb_, static_cast<std::int8_t>(code), 0, 1, code));
    add_operator(inputs, outputs, type, options, 0);
  }

  void operation(fb::BuiltinOperator code, const std::vector<int>& inputs, int output,
                 fb::BuiltinOptions type = fb::BuiltinOptions::NONE,
                 flatbuffers::Offset<void> options = 0) {
    operation(code, inputs, std::vector{output}, type, options);
  }

  // Adds an operation with a new output and returns the output's index.
  int apply(fb::BuiltinOperator code, const std::vector<int>& inputs, std::vector<int> shape) {
    const int output = tensor(std::move(shape));
    operation(code, inputs, output);
    return output;
  }

  // Adds an operation with options, as flatc's Create functions return them.
  template <typename Options>
  int apply(fb::BuiltinOperator code, const std::vector<int>& inputs, std::vector<int> shape,
            flatbuffers::Offset<Options> options) {
    const int output = tensor(std::move(shape));
    operation(code, inputs, output, fb::BuiltinOptionsTraits<Options>::enum_value, options.Union());
    return output;
  }

  void custom(const std::string& name, const std::vector<int>& inputs, int output,
              const std::vector<std::int32_t>& options) {
    const std::vector<std::uint8_t> bytes = bytes_of(options);
    const auto code = fb::BuiltinOperator::CUSTOM;
    codes_.push_back(fb::CreateOperatorCode(fbb_, static_cast<std::int8_t>(code),
                                            fbb_.CreateString(name), 1, code));
    add_operator(inputs, {output}, fb::BuiltinOptions::NONE, 0, fbb_.CreateVector(bytes));
  }

  void convolution(int input, int filter, int bias, int output, int stride = 1,
                   fb::Padding padding = fb::Padding::SAME) {
    operation(fb::BuiltinOperator::CONV_2D, {input, filter, bias}, output,
              fb::BuiltinOptions::Conv2DOptions,
              fb::CreateConv2DOptions(fbb_, padding, stride, stride).Union());
  }

  flatbuffers::FlatBufferBuilder& flat() { return fbb_; }

  void metadata(const std::string& name, const std::vector<std::uint8_t>& bytes) {
    buffers_.push_back(fb::CreateBuffer(fbb_, fbb_.CreateVector(bytes)));
    metadata_.push_back(fb::CreateMetadataDirect(fbb_, name.c_str(),
                                                 static_cast<std::uint32_t>(buffers_.size() - 1)));
  }

  // Names an output of network `subgraph` in a signature.
  void signature(const std::string& key, const std::string& name, int output, int subgraph = 0) {
    const std::vector outputs = {
        fb::CreateTensorMapDirect(fbb_, name.c_str(), static_cast<std::uint32_t>(output))};
    signatures_.push_back(fb::CreateSignatureDefDirect(fbb_, &outputs, key.c_str(),
                                                       static_cast<std::uint32_t>(subgraph)));
  }

  // What follows is another network of the file; finish() adds the last.
  void next_network(const std::vector<int>& inputs, const std::vector<int>& outputs) {
    networks_.push_back(fb::CreateSubGraphDirect(fbb_, &tensors_, &inputs, &outputs, &operators_));
    tensors_.clear();
    operators_.clear();
  }

  std::vector<std::uint8_t> finish(const std::vector<int>& inputs, const std::vector<int>& outputs,
                                   int subgraphs = 1) {
    for (int i = 0; i < subgraphs; ++i) {
      networks_.push_back(
          fb::CreateSubGraphDirect(fbb_, &tensors_, &inputs, &outputs, &operators_));
    }
    const auto model = fb::CreateModelDirect(fbb_, 3, &codes_, &networks_, "a test", &buffers_,
                                             nullptr, &metadata_, &signatures_);
    fb::FinishModelBuffer(fbb_, model);
    return {fbb_.GetBufferPointer(), fbb_.GetBufferPointer() + fbb_.GetSize()};
  }

 private:
  template <typename T>
  static std::vector<std::uint8_t> bytes_of(const std::vector<T>& values) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(values.data());
    return {bytes, bytes + values.size() * sizeof(T)};
  }

  flatbuffers::Offset<fb::QuantizationParameters> parameters_of(const Scales* scales) {
    if (scales == nullptr) return 0;
    return fb::CreateQuantizationParametersDirect(fbb_, &scales->scales, &scales->zero_points,
                                                  scales->dimension);
  }

  int add_tensor(std::vector<int> shape, fb::TensorType type, std::uint32_t buffer,
                 const std::vector<int>* signature = nullptr,
                 flatbuffers::Offset<fb::QuantizationParameters> quantization = 0) {
    std::string name = std::exchange(name_, {});
    if (name.empty()) name.append("t").append(std::to_string(tensors_.size()));
    tensors_.push_back(fb::CreateTensorDirect(fbb_, &shape, type, buffer, name.c_str(),
                                              quantization, false, signature));
    return static_cast<int>(tensors_.size()) - 1;
  }

  void add_operator(const std::vector<int>& inputs, const std::vector<int>& outputs,
                    fb::BuiltinOptions type, flatbuffers::Offset<void> options,
                    flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> custom_options) {
    const auto ins = fbb_.CreateVector(inputs);
    const auto outs = fbb_.CreateVector(outputs);
    operators_.push_back(fb::CreateOperator(fbb_, static_cast<std::uint32_t>(codes_.size() - 1),
                                            ins, outs, type, options, custom_options));
  }

  flatbuffers::FlatBufferBuilder fbb_;
  std::string name_;
  std::vector<flatbuffers::Offset<fb::Buffer>> buffers_;
  std::vector<flatbuffers::Offset<fb::Tensor>> tensors_;
  std::vector<flatbuffers::Offset<fb::OperatorCode>> codes_;
  std::vector<flatbuffers::Offset<fb::Operator>> operators_;
  std::vector<flatbuffers::Offset<fb::SubGraph>> networks_;
  std::vector<flatbuffers::Offset<fb::Metadata>> metadata_;
  std::vector<flatbuffers::Offset<fb::SignatureDef>> signatures_;
};

// 8 x 8 x 3 -> convolution 3x3, stride 2, float16 weights behind DEQUANTIZE -> HARD_SWISH -> gate
// by the mean -> resize x2 -> pointwise convolution -> transposed convolution -> sigmoid: 16 x 16
// x 1.
inline std::vector<std::uint8_t> small_network() {
  TfliteBuilder b;
  const auto half = [](std::size_t count) {
    std::vector<std::uint16_t> values(count);
    for (std::size_t i = 0; i < count; ++i) {
      values[i] =
          static_cast<std::uint16_t>(0x2C00 + (i * 37) % 0x0C00 + (i % 3 == 0 ? 0x8000 : 0));
    }
    return values;
  };
  const int input = b.tensor({1, 8, 8, 3});
  const int weights16 = b.constant<std::uint16_t>({4, 3, 3, 3}, fb::TensorType::FLOAT16, half(108));
  const int weights = b.tensor({4, 3, 3, 3});
  b.operation(fb::BuiltinOperator::DEQUANTIZE, {weights16}, weights);
  const int first = b.tensor({1, 4, 4, 4});
  b.convolution(input, weights, b.floats({4}, {0.1F, -0.2F, 0.3F, 0}), first, 2);
  const int active = b.tensor({1, 4, 4, 4});
  b.operation(fb::BuiltinOperator::HARD_SWISH, {first}, active);
  const int mean = b.tensor({1, 1, 1, 4});
  b.operation(fb::BuiltinOperator::MEAN, {active, b.integers({1, 2})}, mean);
  const int gate = b.tensor({1, 1, 1, 4});
  b.operation(fb::BuiltinOperator::LOGISTIC, {mean}, gate);
  const int gated = b.tensor({1, 4, 4, 4});
  b.operation(fb::BuiltinOperator::MUL, {active, gate}, gated);
  const int large = b.tensor({1, 8, 8, 4});
  b.operation(fb::BuiltinOperator::RESIZE_BILINEAR, {gated, b.integers({8, 8})}, large,
              fb::BuiltinOptions::ResizeBilinearOptions,
              fb::CreateResizeBilinearOptions(b.flat(), false, true).Union());
  const int narrow = b.tensor({1, 8, 8, 2});
  b.convolution(large, b.floats({2, 1, 1, 4}, {1, -1, 0.5F, 2, -2, 1, 1, 0.25F}),
                b.floats({2}, {0.5F, -0.5F}), narrow);
  const int logits = b.tensor({1, 16, 16, 1});
  b.custom("Convolution2DTransposeBias",
           {narrow, b.floats({1, 2, 2, 2}, {1, 2, 3, 4, -1, -2, -3, -4}), b.floats({1}, {0.25F})},
           logits, {1, 2, 2});
  const int output = b.tensor({1, 16, 16, 1});
  b.operation(fb::BuiltinOperator::LOGISTIC, {logits}, output);
  return b.finish({input}, {output});
}

}  // namespace backdrop::test
