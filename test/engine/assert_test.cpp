// Assertions of the network end the program in debug and sanitizer builds.
#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <vector>

#include "base/assert.h"
#include "net/kernels/kernel.h"

namespace backdrop {
namespace {

#if defined(BACKDROP_ASSERTS)

// A 1x1 convolution of a 2x2 picture from one channel to one.
std::unique_ptr<Kernel> make_convolution(std::span<const float> filter) {
  static const std::vector<float> bias = {0.0F};
  static const Node node = {.kind = OpKind::kConv2d};
  const Shape shape = {.height = 2, .width = 2, .channels = 1};
  return make_kernel({node, {shape}, shape, filter, bias});
}

TEST(AssertDeathTest, RowsOfWorkAreInRange) {
  const std::vector<float> filter = {1.0F};
  std::vector<float> values(4);
  const Rows rows = dense_rows(values.data(), {.height = 2, .width = 2, .channels = 1});
  Operands operands;
  operands.inputs = {rows};
  operands.output = rows;
  const auto kernel = make_convolution(filter);
  kernel->run_rows(0, 2, operands);
  EXPECT_DEATH(kernel->run_rows(0, 3, operands), "last <= rows");
  EXPECT_DEATH(kernel->run_rows(2, 1, operands), "first <= last");
}

TEST(AssertDeathTest, FiltersFitTheShapes) {
  EXPECT_DEATH(make_convolution(std::vector<float>(2)), "filter_.depth");
}

TEST(AssertDeathTest, LineBuffersHaveRows) {
  const Rows none;
  EXPECT_DEATH(none.row(0), "count > 0");
}

#endif

}  // namespace
}  // namespace backdrop
