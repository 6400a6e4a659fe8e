// Any bytes as a model. The model is read, planned and, if that is little work, run: with its own
// input size, with a size that the last two bytes give, and in integers with an output that is
// asked for.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "net/tflite/reader.h"
#include "base/executor.h"
#include "net/network.h"

namespace {

// Larger networks only slow the fuzzer down.
constexpr std::size_t kMaxValues = std::size_t{1} << 16;
constexpr std::size_t kMaxTaps = std::size_t{1} << 20;

bool is_little_work(const backdrop::Graph& graph) {
  std::size_t values = 0;
  for (const backdrop::Tensor& tensor : graph.tensors) values += tensor.shape.size();
  std::size_t taps = 0;
  for (const backdrop::Node& node : graph.nodes) {
    taps += graph.shape(node.output).size() * static_cast<std::size_t>(node.window.height) *
            static_cast<std::size_t>(node.window.width);
  }
  return values <= kMaxValues && taps <= kMaxTaps;
}

void read_and_run(std::span<const std::uint8_t> bytes, std::optional<backdrop::InputSize> size,
                  std::string_view output = {},
                  backdrop::Precision precision = backdrop::Precision::kFloat) {
  auto graph = backdrop::read_tflite(bytes, size, backdrop::Weights::kCopied, output);
  if (!graph || !is_little_work(*graph)) return;
  backdrop::SerialExecutor executor;
  const auto network = backdrop::Network::create(*std::move(graph), executor, precision);
  if (!network) return;
  std::ranges::fill((*network)->input(), 0.5F);
  (*network)->run();
  (*network)->run();  // with the states of the first
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_and_run({data, size}, {});
  read_and_run({data, size}, {}, "mask", backdrop::Precision::kAuto);
  if (size >= 2) read_and_run({data, size}, {{data[size - 1] % 64, data[size - 2] % 64}});
  return 0;
}
