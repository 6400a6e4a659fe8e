// Quantized tensors: what their integers stand for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/error.h"
#include "net/graph/graph.h"
#include "net/tflite/tflite_file.h"

namespace backdrop {

// Whether the tensor is of integers that have a scale.
bool is_quantized(const tflite::Tensor& tensor);

// Whether the numbers of a quantized tensor are sound: scales above zero, one or as many as the
// quantized dimension has indices, and zero points that the tensor's type holds. kModel, with the
// tensor's `label`.
Result<void> check_quantization(const tflite::Tensor& tensor, const std::string& label);

// The floats of a checked tensor with one scale; none if it has several.
Grid grid_of(const tflite::Tensor& tensor);

// Bytes of one of a quantized tensor's integers.
std::size_t integer_size(const tflite::Tensor& tensor);

// Writes the floats that the integers in `data` stand for: as many as the checked tensor's shape
// says.
void dequantize(const tflite::Tensor& tensor, std::span<const std::uint8_t> data, float* values);

}  // namespace backdrop
