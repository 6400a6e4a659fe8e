// Runs a network in the engine and in XNNPACK alternately, on one thread, and prints the times in
// JSON: backdrop_xnnpack MODEL ROUNDS
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "net/tflite/reader.h"
#include "model_file.h"
#include "base/executor.h"
#include "net/network.h"
#include "waves.h"
#include "xnnpack_network.h"

namespace backdrop {
namespace {

constexpr float kTolerance = 1e-3F;  // of the largest magnitude, or of 1
constexpr int kWarmUps = 30;

float difference(std::span<const float> a, std::span<const float> b) {
  float largest = 0, scale = 1;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::fabs(a[i] - b[i]));
    scale = std::max(scale, std::fabs(b[i]));
  }
  return largest / scale;
}

// Milliseconds of CPU time, which other programs hardly affect. Valid because there is one thread.
template <typename AnyNetwork>
double time(AnyNetwork& network, std::span<const float> input) {
  const std::clock_t begin = std::clock();
  std::ranges::copy(input, network.input().begin());
  network.run();
  return 1e3 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

void print(const char* name, const std::vector<double>& times) {
  std::printf("\"%s\":[", name);
  for (std::size_t i = 0; i < times.size(); ++i) {
    std::printf("%s%.4f", i == 0 ? "" : ",", times[i]);
  }
  std::printf("]");
}

Result<void> compare(const char* file, int rounds) {
  const std::vector<std::uint8_t> tflite = read_file(file);
  SerialExecutor executor;
  const auto ours = BACKDROP_TRY(Network::create(tflite, executor));
  Graph graph = BACKDROP_TRY(read_tflite(tflite));
  const auto theirs = BACKDROP_TRY(XnnpackNetwork::create(std::move(graph)));
  const std::vector<float> input = waves(ours->input().size());
  std::ranges::copy(input, ours->input().begin());
  std::ranges::copy(input, theirs->input().begin());
  const float apart = difference(ours->run(), theirs->run());
  if (!(apart <= kTolerance)) {
    return fail(ErrorCode::kUnsupported, {"differs from XNNPACK by ", std::to_string(apart)});
  }
  std::vector<double> our_times, their_times;
  for (int round = -kWarmUps; round < rounds; ++round) {
    // Which of the two runs first alternates.
    const bool first = round % 2 == 0;
    const double before = first ? time(*ours, input) : 0;
    const double their_time = time(*theirs, input);
    const double our_time = first ? before : time(*ours, input);
    if (round < 0) continue;
    our_times.push_back(our_time);
    their_times.push_back(their_time);
  }
  std::printf("{");
  print("ours", our_times);
  std::printf(",");
  print("theirs", their_times);
  std::printf("}\n");
  return {};
}

}  // namespace
}  // namespace backdrop

int main(int count, char** arguments) {
  if (count != 3) {
    std::fputs("backdrop_xnnpack is called as: backdrop_xnnpack MODEL ROUNDS\n", stderr);
    return 2;
  }
  const auto compared = backdrop::compare(arguments[1], std::max(std::atoi(arguments[2]), 1));
  if (!compared) {
    std::fprintf(stderr, "%s: %s\n", arguments[1], compared.error().message().c_str());
    return 1;
  }
}
