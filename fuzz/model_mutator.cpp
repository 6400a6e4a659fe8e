// What fuzz_model's inputs are changed into: mostly other models in valid FlatBuffers, which reach
// what lies behind the verifier of bytes; now and then other bytes.
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>
#include <memory>
#include <random>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "tflite_generated.h"

// libFuzzer's: changes the bytes in place, and returns how many there are then, at most `max_size`.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

namespace fb = backdrop::tflite;

class ModelMutator {
 public:
  explicit ModelMutator(unsigned seed) : random_(seed) {}

  // Whether the bytes themselves shall be changed, and not the model.
  bool prefers_bytes() { return below(8) == 0; }

  void change(fb::ModelT& model) {
    if (model.subgraphs.empty()) return;
    const std::size_t changes = 1 + below(3);
    for (std::size_t i = 0; i < changes; ++i) change_once(model, *any_of(model.subgraphs));
  }

  // The last two bytes of an input are the input size that the network is planned for.
  void add_size(std::vector<std::uint8_t>& bytes) {
    for (int i = 0; i < 2; ++i) bytes.push_back(static_cast<std::uint8_t>(below(256)));
  }

 private:
  std::size_t below(std::size_t count) { return random_() % count; }
  bool one_of(std::size_t count) { return below(count) == 0; }

  template <typename List>
  auto any_of(List& list) -> decltype(list[0]) {
    return list[below(std::size(list))];
  }

  int number() {
    constexpr int kLargest = std::numeric_limits<int>::max();
    constexpr int kNumbers[] = {
        -kLargest - 1, -1,   0,     1,       2,       3,       4, 5, 7, 8, 9, 16,
        255,           4096, 65535, 1 << 16, 1 << 30, kLargest};
    return any_of(kNumbers);
  }

  template <typename Field>
  void change_field(Field& field) {
    if constexpr (std::is_same_v<Field, bool>) {
      field = !field;
    } else if constexpr (std::is_enum_v<Field>) {
      field = static_cast<Field>(below(8));
    } else if constexpr (std::is_same_v<Field, std::vector<int>>) {
      change_list(field, [this] { return number(); });
    } else {
      field = static_cast<Field>(number());
    }
  }

  // Changes, adds, removes or swaps elements.
  template <typename Element, typename Make>
  void change_list(std::vector<Element>& list, const Make& make) {
    if (list.empty() || one_of(4)) {
      list.insert(list.begin() + static_cast<std::ptrdiff_t>(below(list.size() + 1)), make());
    } else if (one_of(3)) {
      list.erase(list.begin() + static_cast<std::ptrdiff_t>(below(list.size())));
    } else if (one_of(2)) {
      any_of(list) = make();
    } else {
      std::swap(any_of(list), any_of(list));
    }
  }

  template <typename... Fields>
  void change_one(Fields&... fields) {
    std::size_t index = below(sizeof...(fields));
    ((index-- == 0 ? change_field(fields) : void()), ...);
  }

  void change_options(fb::BuiltinOptionsUnion& options) {
    if (auto* o = options.AsConv2DOptions()) {
      change_one(o->padding, o->stride_w, o->stride_h, o->dilation_w_factor, o->dilation_h_factor,
                 o->fused_activation_function);
    }
    if (auto* o = options.AsDepthwiseConv2DOptions()) {
      change_one(o->padding, o->stride_w, o->stride_h, o->depth_multiplier, o->dilation_w_factor,
                 o->dilation_h_factor, o->fused_activation_function);
    }
    if (auto* o = options.AsPool2DOptions()) {
      change_one(o->padding, o->stride_w, o->stride_h, o->filter_width, o->filter_height,
                 o->fused_activation_function);
    }
    if (auto* o = options.AsTransposeConvOptions()) {
      change_one(o->padding, o->stride_w, o->stride_h, o->fused_activation_function);
    }
    if (auto* o = options.AsConcatenationOptions()) {
      change_one(o->axis, o->fused_activation_function);
    }
    if (auto* o = options.AsFullyConnectedOptions()) {
      change_one(o->fused_activation_function);
    }
    if (auto* o = options.AsAddOptions()) {
      change_one(o->fused_activation_function);
    }
    if (auto* o = options.AsSubOptions()) {
      change_one(o->fused_activation_function);
    }
    if (auto* o = options.AsMulOptions()) {
      change_one(o->fused_activation_function);
    }
    if (auto* o = options.AsDivOptions()) {
      change_one(o->fused_activation_function);
    }
    if (auto* o = options.AsSoftmaxOptions()) {
      change_one(o->beta);
    }
    if (auto* o = options.AsLeakyReluOptions()) {
      change_one(o->alpha);
    }
    if (auto* o = options.AsReducerOptions()) {
      change_one(o->keep_dims);
    }
    if (auto* o = options.AsReshapeOptions()) {
      change_one(o->new_shape);
    }
    if (auto* o = options.AsSqueezeOptions()) {
      change_one(o->squeeze_dims);
    }
    if (auto* o = options.AsResizeBilinearOptions()) {
      change_one(o->align_corners, o->half_pixel_centers);
    }
    if (auto* o = options.AsResizeNearestNeighborOptions()) {
      change_one(o->align_corners, o->half_pixel_centers);
    }
  }

  // An operand's number: mostly one that there is.
  int operand(const fb::SubGraphT& graph) {
    return graph.tensors.empty() || one_of(16) ? number()
                                               : static_cast<int>(below(graph.tensors.size()));
  }

  void change_operator(fb::SubGraphT& graph, fb::OperatorT& each) {
    const auto make = [&] { return operand(graph); };
    switch (below(4)) {
      case 0:
        return change_list(each.inputs, make);
      case 1:
        return change_list(each.outputs, make);
      case 2:
        each.opcode_index = static_cast<std::uint32_t>(below(8));
        return;
      default:
        change_options(each.builtin_options);
    }
  }

  float any_scale() {
    constexpr float kScales[] = {0, -1, 1e-42F, 3e38F, 0.5F, 1.0F / 255};
    return one_of(8) ? std::numeric_limits<float>::quiet_NaN() : kScales[below(6)];
  }

  void change_quantization(fb::TensorT& tensor) {
    if (!tensor.quantization) {
      tensor.quantization = std::make_unique<fb::QuantizationParametersT>();
    }
    fb::QuantizationParametersT& parameters = *tensor.quantization;
    switch (below(3)) {
      case 0:
        return change_list(parameters.scale, [&] { return any_scale(); });
      case 1:
        return change_list(parameters.zero_point,
                           [&] { return static_cast<std::int64_t>(number()) - 128; });
      default:
        change_field(parameters.quantized_dimension);
    }
  }

  void change_tensor(const fb::ModelT& model, fb::TensorT& tensor) {
    switch (below(5)) {
      case 0:
        tensor.type = static_cast<fb::TensorType>(below(18));
        return;
      case 1:
        tensor.buffer = static_cast<std::uint32_t>(below(model.buffers.size() + 1));
        return;
      case 2:
        return change_one(tensor.is_variable, tensor.shape_signature);
      case 3:
        return change_quantization(tensor);
      default:
        change_field(tensor.shape);
    }
  }

  // Weights, and the sizes and axes that operations take as constants.
  void change_buffer(fb::BufferT& buffer) {
    std::vector<std::uint8_t>& data = buffer.data;
    const std::size_t size = data.size();
    data.resize(size + 16);
    data.resize(LLVMFuzzerMutate(data.data(), size, data.size()));
  }

  void change_signatures(fb::ModelT& model) {
    if (model.signature_defs.empty()) {
      model.signature_defs.push_back(std::make_unique<fb::SignatureDefT>());
    }
    fb::SignatureDefT& signature = *any_of(model.signature_defs);
    signature.signature_key = one_of(4) ? "other" : "serving_default";
    change_one(signature.subgraph_index);
    if (signature.outputs.empty() || one_of(4)) {
      signature.outputs.push_back(std::make_unique<fb::TensorMapT>());
      signature.outputs.back()->name = "mask";
    }
    any_of(signature.outputs)->tensor_index = static_cast<std::uint32_t>(number());
  }

  void change_once(fb::ModelT& model, fb::SubGraphT& graph) {
    switch (below(9)) {
      case 8:
        return change_signatures(model);
      case 0:
        return model.buffers.empty() ? void() : change_buffer(*any_of(model.buffers));
      case 1:
        if (model.operator_codes.empty()) return;
        any_of(model.operator_codes)->builtin_code = static_cast<fb::BuiltinOperator>(below(152));
        return;
      case 2:
        return change_list(one_of(2) ? graph.inputs : graph.outputs,
                           [&] { return operand(graph); });
      case 3:
        return change_list(graph.operators, [&] {
          return graph.operators.empty()
                     ? std::make_unique<fb::OperatorT>()
                     : std::make_unique<fb::OperatorT>(*any_of(graph.operators));
        });
      case 4:
      case 5:
        return graph.tensors.empty() ? void() : change_tensor(model, *any_of(graph.tensors));
      default:
        return graph.operators.empty() ? void() : change_operator(graph, *any_of(graph.operators));
    }
  }

  std::minstd_rand random_;
};

// A union may have a type and no value, which the object API can read and not write.
void drop_empty_options(fb::ModelT& model) {
  for (const auto& graph : model.subgraphs) {
    for (const auto& each : graph->operators) {
      if (each->builtin_options.value == nullptr) each->builtin_options.Reset();
    }
  }
}

// The object API reads zero points in place, and the verifier does not see to their alignment.
bool has_aligned_zero_points(const fb::Model& model) {
  if (model.subgraphs() == nullptr) return true;
  const auto is_aligned = [](const fb::Tensor* tensor) {
    const auto* parameters = tensor->quantization();
    const auto* points = parameters == nullptr ? nullptr : parameters->zero_point();
    return points == nullptr ||
           std::bit_cast<std::uintptr_t>(points->Data()) % alignof(std::int64_t) == 0;
  };
  return std::ranges::all_of(*model.subgraphs(), [&](const fb::SubGraph* graph) {
    return graph->tensors() == nullptr || std::ranges::all_of(*graph->tensors(), is_aligned);
  });
}

std::vector<std::uint8_t> packed(const fb::ModelT& model) {
  flatbuffers::FlatBufferBuilder builder;
  fb::FinishModelBuffer(builder, fb::Model::Pack(builder, &model));
  const std::span<const std::uint8_t> bytes(builder.GetBufferPointer(), builder.GetSize());
  return {bytes.begin(), bytes.end()};
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  ModelMutator mutator(seed);
  flatbuffers::Verifier verifier(data, size);
  if (mutator.prefers_bytes() || !fb::VerifyModelBuffer(verifier) ||
      !has_aligned_zero_points(*fb::GetModel(data))) {
    return LLVMFuzzerMutate(data, size, max_size);
  }
  const std::unique_ptr<fb::ModelT> model = fb::UnPackModel(data);
  drop_empty_options(*model);
  mutator.change(*model);
  std::vector<std::uint8_t> bytes = packed(*model);
  mutator.add_size(bytes);
  if (bytes.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::ranges::copy(bytes, data);
  return bytes.size();
}
