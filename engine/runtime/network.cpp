#include "runtime/network.h"

#include <algorithm>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "graph/memory_plan.h"
#include "graph/passes.h"
#include "kernels/kernel.h"

namespace backdrop {
namespace {

// Far above any segmentation network; what is larger is a damaged or hostile file.
constexpr std::size_t kMaxArena = std::size_t{1} << 28;  // floats

// Less work than this is not worth waking another thread for.
constexpr std::size_t kMinWorkPerThread = 100'000;

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

// When each tensor of the arena is written first and read last, by the node's number plus one; the
// input is there at 0. Constants have size 0.
std::vector<Lifetime> find_lifetimes(const Graph& graph) {
  std::vector<Lifetime> lifetimes(graph.tensors.size());
  const auto touch = [&](TensorId id, int step) {
    if (graph.is_constant(id)) return;
    Lifetime& lifetime = lifetimes[static_cast<std::size_t>(id)];
    if (lifetime.size == 0) lifetime = {graph.shape(id).size(), step, step};
    lifetime.last = step;
  };
  touch(graph.input, 0);
  int step = 0;
  for (const Node& node : graph.nodes) {
    ++step;
    for_each_operand(node, [&](TensorId id) { touch(id, step); });
    touch(node.output, step);
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
  float* place(TensorId id);
  void add_kernel(const Node& node);
  void run(Kernel& kernel);

  Graph graph;
  Executor& executor;
  std::optional<CellLayout> cell_layout;
  MemoryPlan memory;
  Buffer<float> arena;
  Buffer<float> scratch;
  std::size_t scratch_size = 0;  // per thread
  std::vector<std::unique_ptr<Kernel>> kernels;
};

Result<void> Network::Plan::prepare() {
  BACKDROP_TRY(check_constants(graph));
  memory = plan_memory(find_lifetimes(graph), kAlignment);
  if (memory.size > kMaxArena) {
    return fail(ErrorCode::kUnsupported, "the network needs " +
                                             std::to_string(memory.size * sizeof(float) >> 20) +
                                             " MB for its tensors");
  }
  if (!arena.resize(memory.size)) return no_memory();
  std::fill_n(arena.data(), arena.size(), 0.0F);
  for (const Node& node : graph.nodes) add_kernel(node);
  scratch_size = (scratch_size + kAlignment - 1) / kAlignment * kAlignment;
  if (!scratch.resize(scratch_size * executor.concurrency())) return no_memory();
  return {};
}

float* Network::Plan::place(TensorId id) {
  if (id == kNoTensor) return nullptr;
  if (graph.is_constant(id)) return graph.at(id).constant.data();
  return arena.data() + memory.offsets[static_cast<std::size_t>(id)];
}

void Network::Plan::add_kernel(const Node& node) {
  KernelSpec spec{node, {}, graph.shape(node.output), {}, {}, {}};
  for (const TensorId id : node.inputs) {
    spec.inputs.push_back(graph.shape(id));
    spec.operands.inputs.push_back(place(id));
  }
  if (node.filter != kNoTensor) spec.filter = graph.at(node.filter).constant;
  if (node.bias != kNoTensor) spec.bias = graph.at(node.bias).constant;
  spec.operands.gate = place(node.gate);
  spec.operands.residual = place(node.residual);
  spec.operands.output = place(node.output);
  kernels.push_back(make_kernel(spec));
  scratch_size = std::max(scratch_size, kernels.back()->scratch_size());
}

void Network::Plan::run(Kernel& kernel) {
  kernel.begin();
  const std::size_t rows = kernel.rows();
  const std::size_t parts = std::min(
      {rows, executor.concurrency(), std::max<std::size_t>(kernel.work() / kMinWorkPerThread, 1)});
  const auto run_part = [&](std::size_t part) {
    kernel.run_rows(rows * part / parts, rows * (part + 1) / parts,
                    scratch.data() + part * scratch_size);
  };
  if (parts == 1) {
    run_part(0);
  } else {
    executor.run(parts, Task(run_part));
  }
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
  return {plan_->place(plan_->graph.input), input_shape().size()};
}

std::span<const float> Network::run() {
  for (std::size_t i = 0; i < step_count(); ++i) run_step(i);
  return {plan_->place(plan_->graph.output), output_shape().size()};
}

const Graph& Network::graph() const { return plan_->graph; }

std::size_t Network::step_count() const { return plan_->kernels.size(); }

std::span<const Node> Network::step(std::size_t index) const {
  return std::span(plan_->graph.nodes).subspan(index, 1);
}

void Network::run_step(std::size_t index) { plan_->run(*plan_->kernels[index]); }

}  // namespace backdrop
