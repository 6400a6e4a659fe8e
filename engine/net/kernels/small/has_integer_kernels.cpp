#include <algorithm>
#include <array>
#include <cmath>

#include "net/graph/verify.h"
#include "net/kernels/kernel.h"

namespace backdrop {
namespace {

// Whether the kernel gives what it must for inputs and weights that are 1. V8 before version 12
// (Chromium 114 to 119) multiplies wrongly in its baseline compiler, in which all code begins.
bool multiplies_rightly() {
  const Node node{.kind = OpKind::kIntegerConv2d};
  const Shape in{1, kLeastIntegerWidth, kIntegerDepth};
  const Shape out{1, kLeastIntegerWidth, kLeastIntegerColumns};
  std::array<float, kLeastIntegerWidth * kIntegerDepth> input;
  std::array<float, kLeastIntegerWidth * kLeastIntegerColumns> output{};
  std::array<float, kLeastIntegerColumns * kIntegerDepth> filter;
  const std::array<float, kLeastIntegerColumns> bias{};
  input.fill(1);
  filter.fill(1);
  const auto kernel = make_kernel({node, {in}, out, filter, bias});
  auto scratch = Buffer<float>::zeros(kernel->scratch_size());
  Operands operands;
  operands.inputs = {dense_rows(input.data(), in)};
  operands.output = dense_rows(output.data(), out);
  operands.scratch = scratch.data();
  kernel->run_rows(0, 1, operands);
  return std::ranges::all_of(output,
                             [](float sum) { return std::fabs(sum - kIntegerDepth) < 0.5F; });
}

}  // namespace

bool has_integer_kernels() { return has_integer_products() && multiplies_rightly(); }

}  // namespace backdrop
