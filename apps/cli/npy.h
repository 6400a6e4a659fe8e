// NumPy's .npy files, versions 1 to 3, in C order and little-endian.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "file.h"

namespace backdrop::cli {

struct NpyArray {
  enum class Type { kUint8, kFloat32 };

  Type type = Type::kUint8;
  std::vector<std::size_t> shape;
  std::vector<std::uint8_t> data;  // exactly the product of `shape` elements
};

// Throws Failure, without a path, unless the bytes are a well-formed array of uint8 or float32.
NpyArray decode_npy(std::span<const std::uint8_t> bytes);

// Writes version 1. `values` has the product of `shape` elements.
Bytes encode_npy(std::span<const float> values, std::span<const std::size_t> shape);

}  // namespace backdrop::cli
