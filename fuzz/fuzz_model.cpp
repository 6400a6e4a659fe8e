// Any bytes as a model: read, planned and, where that is little work, run.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "runtime/executor.h"
#include "runtime/network.h"

namespace {

// What is larger than this only makes the fuzzer slow.
constexpr std::size_t kMaxSize = std::size_t{1} << 14;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  backdrop::SerialExecutor executor;
  const auto network = backdrop::Network::create({data, size}, executor);
  if (!network) return 0;
  const auto input = (*network)->input();
  if (input.size() > kMaxSize || (*network)->output_shape().size() > kMaxSize) return 0;
  std::ranges::fill(input, 0.5F);
  (*network)->run();
  return 0;
}
