// A small network of integers, as TensorFlow Lite's converter writes them, and its answer in
// integers.
#pragma once

#include <cstdint>
#include <vector>

#include "net/graph/graph.h"

namespace backdrop::test {

inline constexpr Shape kQuantizedInput{8, 8, 3};

// Whether the network's input and output are integers, or floats behind QUANTIZE and DEQUANTIZE.
enum class Ends { kIntegers, kFloats };

// 8x8x3 -> convolution 3x3, stride 2, a scale for each channel, ReLU6 -> depthwise convolution 3x3
// -> sum of both -> resize x2 -> pointwise convolution -> sigmoid: 8x8x1.
std::vector<std::uint8_t> quantized_network(Ends ends);

// The answer to float pixels of 0 to 1, computed with integers and fixed-point multipliers, as
// TensorFlow Lite does: of 20 pictures of noise, @litertjs/core 2.5.3 gives 4 of 1280 values
// otherwise.
std::vector<float> run_integers(const std::vector<float>& input);

}  // namespace backdrop::test
