// Networks so small that their answer is known.
#pragma once

#include <cstdint>
#include <vector>

#include "tflite_builder.h"

namespace backdrop::test {

enum class Person { kRed, kNobody };

// A network that finds red people (blue is the room), or nobody, for inputs of width x height.
inline std::vector<std::uint8_t> person_network(int width, int height,
                                                Person person = Person::kRed) {
  TfliteBuilder b;
  const int input = b.tensor({1, height, width, 3});
  const int logits = b.tensor({1, height, width, 1});
  const bool red = person == Person::kRed;
  b.convolution(input, b.floats({1, 1, 1, 3}, {red ? 40.0f : 0, 0, red ? -40.0f : 0}),
                b.floats({1}, {red ? 0.0f : -40}), logits);
  const int output = b.tensor({1, height, width, 1});
  b.operation(fb::BuiltinOperator::LOGISTIC, {logits}, output);
  return b.finish({input}, {output});
}

}  // namespace backdrop::test
