#include "net/tflite/quantization.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace backdrop {

namespace fb = tflite;

namespace {

struct IntegerType {
  std::size_t size;  // bytes
  std::int64_t lowest, highest;
};

template <typename T>
constexpr IntegerType type_of() {
  return {sizeof(T), std::numeric_limits<T>::lowest(), std::numeric_limits<T>::max()};
}

std::optional<IntegerType> integer_type(fb::TensorType type) {
  switch (type) {
    case fb::TensorType::UINT8:
      return type_of<std::uint8_t>();
    case fb::TensorType::INT8:
      return type_of<std::int8_t>();
    case fb::TensorType::INT16:
      return type_of<std::int16_t>();
    case fb::TensorType::INT32:  // biases
      return type_of<std::int32_t>();
    case fb::TensorType::INT64:  // biases beside activations of 16 bits
      return type_of<std::int64_t>();
    default:
      return std::nullopt;
  }
}

std::int64_t integer_at(const std::uint8_t* data, std::size_t index, fb::TensorType type) {
  switch (type) {
    case fb::TensorType::UINT8:
      return data[index];
    case fb::TensorType::INT8:
      return load<std::int8_t>(data, index);
    case fb::TensorType::INT16:
      return load<std::int16_t>(data, index);
    case fb::TensorType::INT32:
      return load<std::int32_t>(data, index);
    default:
      return load<std::int64_t>(data, index);
  }
}

std::size_t size_along(const fb::Tensor& tensor, std::size_t dimension) {
  return static_cast<std::size_t>(
      tensor.shape()->Get(static_cast<flatbuffers::uoffset_t>(dimension)));
}

// A missing zero point is 0. The verifier of bytes does not see to the alignment of a vector's
// integers of 64 bits.
std::int64_t zero_point(const fb::QuantizationParameters& parameters, std::size_t index) {
  const auto* points = parameters.zero_point();
  if (points == nullptr || points->size() == 0) return 0;
  return load<std::int64_t>(points->Data(), points->size() == 1 ? 0 : index);
}

// Whether there is one scale for each index along the quantized dimension.
bool fits_dimension(const fb::Tensor& tensor) {
  const fb::QuantizationParameters& parameters = *tensor.quantization();
  const int dimension = parameters.quantized_dimension();
  const auto rank = static_cast<int>(tensor.shape() == nullptr ? 0 : tensor.shape()->size());
  return dimension >= 0 && dimension < rank &&
         size_along(tensor, static_cast<std::size_t>(dimension)) == parameters.scale()->size();
}

}  // namespace

bool is_quantized(const fb::Tensor& tensor) {
  const auto* parameters = tensor.quantization();
  return parameters != nullptr && parameters->scale() != nullptr &&
         parameters->scale()->size() > 0 && integer_type(tensor.type()).has_value();
}

Result<void> check_quantization(const fb::Tensor& tensor, const std::string& label) {
  const fb::QuantizationParameters& parameters = *tensor.quantization();
  const auto& scales = *parameters.scale();
  const auto* points = parameters.zero_point();
  if (scales.size() > 1 && !fits_dimension(tensor)) {
    return fail(ErrorCode::kModel,
                {label, " has ", scales.size(), " scales, which do not fit its dimension ",
                 parameters.quantized_dimension()});
  }
  if (points != nullptr && points->size() > 1 && points->size() != scales.size()) {
    return fail(ErrorCode::kModel,
                {label, " has ", points->size(), " zero points for ", scales.size(), " scales"});
  }
  const IntegerType type = *integer_type(tensor.type());
  for (std::size_t i = 0; i < scales.size(); ++i) {
    const float scale = scales.Get(static_cast<flatbuffers::uoffset_t>(i));
    if (!std::isnormal(scale) || scale < 0) {
      return fail(ErrorCode::kModel, {label, " has a scale that is not a positive number"});
    }
    const std::int64_t point = zero_point(parameters, i);
    if (point < type.lowest || point > type.highest) {
      return fail(ErrorCode::kModel,
                  {label, " has a zero point of ", point, ", which is out of range"});
    }
  }
  return {};
}

Grid grid_of(const fb::Tensor& tensor) {
  const fb::QuantizationParameters& parameters = *tensor.quantization();
  if (parameters.scale()->size() > 1) return {};
  const IntegerType type = *integer_type(tensor.type());
  return {.step = parameters.scale()->Get(0),
          .zero = static_cast<float>(zero_point(parameters, 0)),
          .first = static_cast<float>(type.lowest),
          .last = static_cast<float>(type.highest)};
}

std::size_t integer_size(const fb::Tensor& tensor) { return integer_type(tensor.type())->size; }

void dequantize(const fb::Tensor& tensor, std::span<const std::uint8_t> data, float* values) {
  const fb::QuantizationParameters& parameters = *tensor.quantization();
  const std::size_t scales = parameters.scale()->size();
  std::size_t run = 1;  // values in a row that have one scale
  if (scales > 1) {
    const auto dimension = static_cast<std::size_t>(parameters.quantized_dimension());
    for (std::size_t i = dimension + 1; i < tensor.shape()->size(); ++i) {
      run *= size_along(tensor, i);
    }
  }
  const std::size_t size = data.size() / integer_size(tensor);
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t index = i / run % scales;
    const double steps = static_cast<double>(integer_at(data.data(), i, tensor.type())) -
                         static_cast<double>(zero_point(parameters, index));
    const float scale = parameters.scale()->Get(static_cast<flatbuffers::uoffset_t>(index));
    values[i] = static_cast<float>(steps * static_cast<double>(scale));
  }
}

}  // namespace backdrop
