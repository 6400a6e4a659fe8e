// One inference of each installed model, on one thread and on two. BACKDROP_MODELS lists the
// models' folders, separated by colons.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "model_file.h"
#include "net/network.h"
#include "platform/thread_pool.h"
#include "waves.h"

namespace {

void infer(benchmark::State& state, const std::filesystem::path& file) {
  const auto executor = backdrop::make_executor(static_cast<std::size_t>(state.range(0)));
  const auto network = backdrop::Network::create(backdrop::read_file(file), *executor, {}, {},
                                                 backdrop::Precision::kAuto);
  if (!network) {
    state.SkipWithError(network.error().message().c_str());
    return;
  }
  const std::vector<float> input = backdrop::waves((*network)->input().size());
  for (auto _ : state) {
    std::ranges::copy(input, (*network)->input().begin());
    benchmark::DoNotOptimize((*network)->run().data());
  }
}

void register_models(const std::filesystem::path& folder) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".tflite") continue;
    const std::string name = "infer/" + entry.path().stem().string();
    benchmark::RegisterBenchmark(name.c_str(), infer, entry.path())
        ->ArgName("threads")
        ->Arg(1)
        ->Arg(2)
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
  }
}

[[maybe_unused]] const bool kRegistered = [] {
  const char* variable = std::getenv("BACKDROP_MODELS");
  std::istringstream folders(variable == nullptr ? "" : variable);
  for (std::string folder; std::getline(folders, folder, ':');) register_models(folder);
  return true;
}();

}  // namespace
