#include "net/network.h"

#include <algorithm>
#include <cstring>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "net/plan/memory_plan.h"
#include "net/passes/passes.h"
#include "net/plan/row_layout.h"
#include "net/plan/step.h"

namespace backdrop {
namespace {

// Far above any segmentation network; what is larger is a damaged or hostile file.
constexpr std::size_t kMaxArena = std::size_t{1} << 28;  // floats

constexpr std::size_t kAlignment = Buffer<float>::kAlignment / sizeof(float);

Result<void> check_constants(const Graph& graph) {
  for (const Node& node : graph.nodes) {
    for (const TensorId id : {node.filter, node.bias}) {
      if (id == kNoTensor || graph.is_constant(id)) continue;
      return fail(ErrorCode::kUnsupported,
                  "the weights '" + graph.at(id).name + "' are computed when the network runs");
    }
  }
  return {};
}

// When each tensor of the arena is written first and read last, by the chain's number plus one; the
// input is there at 0. Constants, and what flows within a chain, have size 0.
std::vector<Lifetime> find_lifetimes(const Graph& graph, std::span<const Chain> chains,
                                     std::span<const Margin> margins) {
  std::vector<Lifetime> lifetimes(graph.tensors.size());
  const auto touch = [&](TensorId id, int step) {
    if (graph.is_constant(id)) return;
    const auto index = static_cast<std::size_t>(id);
    Lifetime& lifetime = lifetimes[index];
    if (lifetime.size == 0) {
      lifetime = {layout_of(graph.shape(id), margins[index]).size, step, step};
    }
    lifetime.last = step;
  };
  touch(graph.input, 0);
  int step = 0;
  for (const Chain& chain : chains) {
    ++step;
    const auto nodes = std::span(graph.nodes).subspan(chain.first, chain.count);
    for (const Node& node : nodes) {
      for_each_operand(node, [&](TensorId id) { touch(id, step); });
      touch(node.output, step);
    }
    for (const Node& node : nodes.first(nodes.size() - 1)) {
      lifetimes[static_cast<std::size_t>(node.output)] = {};
    }
  }
  touch(graph.output, step + 1);
  return lifetimes;
}

bool keeps_meaning(const Node& node) {
  if (node.activation != Activation::kNone || node.residual != kNoTensor) return false;
  switch (node.kind) {
    case OpKind::kDequantize:
    case OpKind::kResizeBilinear:
    case OpKind::kResizeNearest:
    case OpKind::kReshape:
    case OpKind::kTranspose:
      return true;
    default:
      return false;
  }
}

Ending ending_of(const Graph& graph) {
  TensorId result = graph.output;
  for (const Node& node : std::views::reverse(graph.nodes)) {
    if (node.output != result) continue;
    const int channels = graph.shape(node.inputs[0]).channels;
    if (node.activation == Activation::kSigmoid) return {Ending::Kind::kSigmoid, channels};
    if (node.kind == OpKind::kSoftmax) return {Ending::Kind::kSoftmax, channels};
    if (node.kind == OpKind::kArgMax) return {Ending::Kind::kArgMax, channels};
    if (!keeps_meaning(node)) break;
    result = node.inputs[0];
  }
  return {};
}

std::unexpected<Error> no_memory() {
  return fail(ErrorCode::kUnsupported, "there is not enough memory for the network");
}

}  // namespace

struct Network::Plan {
  Plan(Graph optimized, Executor& on) : graph(std::move(optimized)), executor(on) {}

  Result<void> prepare();
  Rows place(TensorId id);

  Graph graph;
  Executor& executor;
  std::optional<CellLayout> cell_layout;
  std::vector<Margin> margins;
  MemoryPlan memory;
  Buffer<float> arena;
  Buffer<float> scratch;
  std::vector<Step> steps;
};

Result<void> Network::Plan::prepare() {
  BACKDROP_TRY(check_constants(graph));
  separate_dense_tensors(graph);
  margins = find_margins(graph);
  const std::vector<Chain> chains = find_chains(graph);
  memory = plan_memory(find_lifetimes(graph, chains, margins), kAlignment);
  if (memory.size > kMaxArena) {
    return fail(ErrorCode::kUnsupported, "the network needs " +
                                             std::to_string(memory.size * sizeof(float) >> 20) +
                                             " MB for its tensors");
  }
  if (!arena.resize(memory.size)) return no_memory();
  std::memset(arena.data(), 0, arena.size() * sizeof(float));

  std::size_t scratch_size = 0;
  for (const Chain& chain : chains) {
    const TensorId output = graph.nodes[chain.first + chain.count - 1].output;
    steps.emplace_back(graph, chain, margins[static_cast<std::size_t>(output)]);
    scratch_size = std::max(scratch_size, steps.back().scratch_size());
  }
  const std::size_t parts = executor.concurrency();
  if (!scratch.resize(scratch_size * parts)) return no_memory();
  for (Step& step : steps) {
    step.bind([this](TensorId id) { return place(id); }, scratch.data(), scratch_size, parts);
  }
  return {};
}

Rows Network::Plan::place(TensorId id) {
  if (id == kNoTensor) return {};
  const Shape& shape = graph.shape(id);
  if (graph.is_constant(id)) return dense_rows(graph.at(id).constant.data(), shape);
  const auto index = static_cast<std::size_t>(id);
  const RowLayout layout = layout_of(shape, margins[index]);
  return {arena.data() + memory.offsets[index] + layout.first, layout.stride,
          static_cast<std::size_t>(shape.height)};
}

Network::Network(std::unique_ptr<Plan> plan) : plan_(std::move(plan)) {}
Network::~Network() = default;

Result<std::unique_ptr<Network>> Network::create(std::span<const std::uint8_t> tflite,
                                                 Executor& executor,
                                                 std::optional<InputSize> input_size) {
  return create(BACKDROP_TRY(read_tflite(tflite, input_size)), executor);
}

Result<std::unique_ptr<Network>> Network::create(Graph graph, Executor& executor) {
  const std::optional<CellLayout> layout = backdrop::cell_layout(graph);
  optimize(graph);
  auto plan = std::make_unique<Plan>(std::move(graph), executor);
  plan->cell_layout = layout;
  BACKDROP_TRY(plan->prepare());
  return std::unique_ptr<Network>(new Network(std::move(plan)));
}

Shape Network::input_shape() const { return plan_->graph.shape(plan_->graph.input); }

Shape Network::output_shape() const { return plan_->graph.shape(plan_->graph.output); }

Ending Network::ending() const { return ending_of(plan_->graph); }

const std::optional<CellLayout>& Network::cell_layout() const { return plan_->cell_layout; }

std::span<float> Network::input() {
  return {plan_->place(plan_->graph.input).data, input_shape().size()};
}

std::span<const float> Network::output() const {
  return {plan_->place(plan_->graph.output).data, output_shape().size()};
}

std::span<const float> Network::run() {
  for (std::size_t i = 0; i < step_count(); ++i) run_step(i);
  return output();
}

void Network::run(const RowsReady& ready) {
  const TensorId output = plan_->graph.output;
  // What is not written by rows is told of in the end.
  const bool has_rows = !output_shape().is_vector();
  bool is_written = false;
  for (std::size_t i = 0; i < step_count(); ++i) {
    const bool writes = has_rows && step(i).back().output == output;
    plan_->steps[i].run(plan_->executor, writes ? &ready : nullptr);
    is_written = is_written || writes;
  }
  if (!is_written) ready({0, output_shape().height});
}

const Graph& Network::graph() const { return plan_->graph; }

std::size_t Network::step_count() const { return plan_->steps.size(); }

std::span<const Node> Network::step(std::size_t index) const {
  const Chain& chain = plan_->steps[index].chain();
  return std::span(plan_->graph.nodes).subspan(chain.first, chain.count);
}

void Network::run_step(std::size_t index) { plan_->steps[index].run(plan_->executor); }

}  // namespace backdrop
