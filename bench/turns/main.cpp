// Runs a network in turn with one of another program, which asks through pipes: backdrop_turns
// MODEL THREADS. It reads the input, an array of floats, and answers with the output; each further
// byte is answered with the milliseconds of one more inference.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/executor.h"
#include "model_file.h"
#include "net/network.h"
#include "platform/thread_pool.h"

namespace backdrop {
namespace {

// Of CPU time, which other programs hardly affect; with more threads, whose CPU time would be added
// up, of time that passes.
double milliseconds(std::size_t threads) {
  std::timespec now = {};
  clock_gettime(threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &now);
  return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

std::span<const float> infer(Network& network, std::span<const float> input) {
  std::ranges::copy(input, network.input().begin());
  return network.run();
}

void print(std::span<const float> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::printf("%s%.9g", i == 0 ? "" : ",", static_cast<double>(values[i]));
  }
  std::printf("\n");
  std::fflush(stdout);
}

Result<void> take_turns(const char* file, std::size_t threads) {
  const std::unique_ptr<Executor> executor = make_executor(threads);
  const auto network = BACKDROP_TRY(Network::create(read_file(file), *executor));
  std::vector<float> input(network->input().size());
  if (std::fread(input.data(), sizeof(float), input.size(), stdin) != input.size()) {
    return fail(ErrorCode::kUnsupported, "the input is too short");
  }
  print(infer(*network, input));
  while (std::getchar() != EOF) {
    const double begin = milliseconds(threads);
    infer(*network, input);
    std::printf("%.4f\n", milliseconds(threads) - begin);
    std::fflush(stdout);
  }
  return {};
}

}  // namespace
}  // namespace backdrop

int main(int count, char** arguments) {
  if (count != 3) {
    std::fputs("backdrop_turns is called as: backdrop_turns MODEL THREADS\n", stderr);
    return 2;
  }
  const int threads = std::max(std::atoi(arguments[2]), 1);
  const auto done = backdrop::take_turns(arguments[1], static_cast<std::size_t>(threads));
  if (!done) {
    std::fprintf(stderr, "%s: %s\n", arguments[1], done.error().message().c_str());
    return 1;
  }
}
