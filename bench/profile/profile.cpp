#include "profile.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <span>

#include "net/graph/op_traits.h"
#include "peak.h"
#include "platform/clock.h"
#include "waves.h"

namespace backdrop {
namespace {

constexpr double kWarmUp = 500;  // milliseconds, in which browsers compile and cores speed up
constexpr int kFewestWarmUps = 10;

// No further round begins after this many milliseconds, so a large network has fewer rounds.
constexpr double kMost = 15'000;
constexpr std::size_t kFewestRounds = 10;

// The shortest sample, in milliseconds: a browser's clock has a resolution of 0.005.
constexpr double kSample = 0.2;

template <typename Function>
double milliseconds_of(const Function& function) {
  const double begin = now_ms();
  function();
  return now_ms() - begin;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// Billions of multiply-accumulates a second.
double measure_peak() {
  double done = 0, taken = 0;
  while (taken < kSample) {
    taken += milliseconds_of([&] { done += static_cast<double>(run_at_peak()); });
  }
  return done / taken / 1e6;
}

// Like std::snprintf. Texts of 512 characters or more are truncated.
template <typename... Values>
std::string format(const char* pattern, Values... values) {
  std::array<char, 512> text{};
  std::snprintf(text.data(), text.size(), pattern, values...);
  return text.data();
}

const char* name_of(Activation activation) {
  constexpr std::array kNames = {"", "relu", "relu6", "hard-swish", "sigmoid"};
  return kNames[static_cast<std::size_t>(activation)];
}

bool has_weights(const Node& node) { return node.filter != kNoTensor; }

std::string describe(const Node& node) {
  std::string text(traits_of(node).name);
  const Window& window = node.window;
  if (has_weights(node)) {
    text += format(window.stride_y > 1 ? " %dx%d/%d" : " %dx%d", window.height, window.width,
                   window.stride_y);
  }
  if (node.gate != kNoTensor) text += ", gate";
  if (node.activation != Activation::kNone) text += format(", %s", name_of(node.activation));
  if (node.residual != kNoTensor) text += ", add";
  return text;
}

double multiply_accumulates(const Graph& graph, const Node& node) {
  if (!has_weights(node)) return 0;
  const Shape& in = graph.shape(node.inputs[0]);
  const Shape& out = graph.shape(node.output);
  const std::size_t pixels =
      traits_of(node).place == Place::kTransposedWindow ? in.pixels() : out.pixels();
  const int channels = node.kind == OpKind::kDepthwiseConv2d ? 1 : in.channels;
  return static_cast<double>(pixels) * node.window.height * node.window.width * out.channels *
         channels;
}

StepProfile describe(const Graph& graph, std::span<const Node> nodes) {
  StepProfile step{.operation = {},
                   .input = graph.shape(nodes.front().inputs[0]),
                   .output = graph.shape(nodes.back().output)};
  for (const Node& node : nodes) {
    if (!step.operation.empty()) step.operation += " > ";
    step.operation += describe(node);
    step.multiply_accumulates += multiply_accumulates(graph, node);
  }
  return step;
}

// The number of repetitions with which a step takes at least kSample. The fastest try counts,
// because the thread may be interrupted.
int find_repeats(Network& network, std::size_t step) {
  constexpr int kTries = 5;
  int most = 0;
  for (int i = 0; i < kTries; ++i) {
    int runs = 0;
    const double begin = now_ms();
    do {
      network.run_step(step);
      ++runs;
    } while (now_ms() - begin < kSample);
    most = std::max(most, runs);
  }
  return most;
}

void warm_up(Network& network) {
  const double begin = now_ms();
  for (int runs = 0; runs < kFewestWarmUps || now_ms() - begin < kWarmUp; ++runs) {
    run_at_peak();
    network.run();
  }
}

struct Samples {
  std::vector<double> milliseconds, shares;
};

std::string to_json(const StepProfile& step) {
  const auto& [operation, in, out, work, milliseconds, share] = step;
  return format(R"({"operation":"%s","input":[%d,%d,%d],"output":[%d,%d,%d],)"
                R"("multiply_accumulates":%.0f,"milliseconds":%.6g,"share":%.4g})",
                operation.c_str(), in.height, in.width, in.channels, out.height, out.width,
                out.channels, work, milliseconds, share);
}

}  // namespace

Profile profile(Network& network, std::size_t rounds) {
  Profile result;
  const std::vector<float> input = waves(network.input().size());
  // Needed before each run: the network may overwrite its input.
  const auto set_input = [&] { std::ranges::copy(input, network.input().begin()); };
  warm_up(network);
  std::vector<int> repeats;
  set_input();
  for (std::size_t i = 0; i < network.step_count(); ++i) {
    result.steps.push_back(describe(network.graph(), network.step(i)));
    repeats.push_back(find_repeats(network, i));
  }
  std::vector<double> peaks, runs;
  std::vector<Samples> samples(repeats.size());
  const double begin = now_ms();
  for (std::size_t round = 0; round < rounds; ++round) {
    if (round >= kFewestRounds && now_ms() - begin > kMost) break;
    const double peak = measure_peak();
    peaks.push_back(peak);
    set_input();
    runs.push_back(milliseconds_of([&] { network.run(); }));
    set_input();
    for (std::size_t i = 0; i < repeats.size(); ++i) {
      const double taken = milliseconds_of([&] {
        for (int run = 0; run < repeats[i]; ++run) network.run_step(i);
      });
      const double each = taken / repeats[i];
      samples[i].milliseconds.push_back(each);
      samples[i].shares.push_back(result.steps[i].multiply_accumulates / each / 1e6 / peak);
    }
  }
  result.peak = median(peaks);
  result.milliseconds = median(runs);
  for (std::size_t i = 0; i < repeats.size(); ++i) {
    result.steps[i].milliseconds = median(samples[i].milliseconds);
    result.steps[i].share = median(samples[i].shares);
  }
  return result;
}

std::string to_json(const Profile& profile) {
  std::string steps;
  for (const StepProfile& step : profile.steps) {
    if (!steps.empty()) steps += ",";
    steps += to_json(step);
  }
  return format(R"({"peak":%.6g,"milliseconds":%.6g,"steps":[)", profile.peak,
                profile.milliseconds) +
         steps + "]}";
}

}  // namespace backdrop
