#include "net/network.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/buffer.h"
#include "net/graph/op_traits.h"
#include "net/graph/uses.h"
#include "net/graph/verify.h"
#include "net/kernels/kernel.h"
#include "net/plan/memory_plan.h"
#include "net/plan/stage_groups.h"
#include "net/passes/passes.h"
#include "net/graph/tensor_layout.h"
#include "net/plan/step.h"
#include "net/plan/thread_choice.h"
#include "platform/clock.h"

namespace backdrop {
namespace {

constexpr std::size_t kMaxArena = LoadBudget::kBytes / sizeof(float);

constexpr std::size_t kAlignment = Buffer<float>::kAlignment / sizeof(float);

// What a node's kernel packs.
std::array<TensorId, 4> packed_operands(const Node& node) {
  return {node.filter, node.scale, node.bias, node.mean};
}

Result<void> check_constants(const Graph& graph) {
  for (const Node& node : graph.nodes) {
    for (const TensorId id : packed_operands(node)) {
      if (id == kNoTensor || graph.is_constant(id)) continue;
      return fail(ErrorCode::kUnsupported,
                  {"the weights '", graph.at(id).name, "' are computed when the network runs"});
    }
  }
  return {};
}

// The first write and the last read of each tensor in the arena, as the group's index plus 1; the
// input is written at 0. Constants, and tensors inside a group, get size 0: they need no arena.
std::vector<Lifetime> find_lifetimes(const Graph& graph, std::span<const StageGroup> groups,
                                     std::span<const Halo> halos) {
  std::vector<Lifetime> lifetimes(graph.tensors.size());
  const auto touch = [&](TensorId id, int step) {
    if (graph.is_constant(id)) return;
    const auto index = static_cast<std::size_t>(id);
    Lifetime& lifetime = lifetimes[index];
    if (lifetime.size == 0) {
      lifetime = {layout_of(graph.shape(id), halos[index]).size, step, step};
    }
    lifetime.last = step;
  };
  touch(graph.input, 0);
  for (const State& state : graph.states) touch(state.input, 0);
  int step = 0;
  for (const StageGroup& group : groups) {
    ++step;
    const auto nodes = std::span(graph.nodes).subspan(group.first, group.count);
    for (const Node& node : nodes) {
      for_each_operand(node, [&](TensorId id) { touch(id, step); });
      touch(node.output, step);
    }
    for (const Node& node : nodes.first(nodes.size() - 1)) {
      lifetimes[static_cast<std::size_t>(node.output)] = {};
    }
  }
  touch(graph.output, step + 1);
  for (const State& state : graph.states) touch(state.output, step + 1);
  return lifetimes;
}

// An upper bound on the floats that the node's kernel holds: the weights, packed in vectors of up
// to 16 lanes; the source positions of a resize; the row sums of a global pool.
Size kernel_size(const Graph& graph, const Node& node) {
  const auto packed = [](std::size_t columns) { return Size((columns + 15) / 16 * 16); };
  const Shape& in = graph.shape(node.inputs[0]);
  const Shape& out = graph.shape(node.output);
  if (node.filter != kNoTensor) {
    const auto columns = static_cast<std::size_t>(out.channels);
    return packed(columns) * (graph.at(node.filter).constant.size() / columns + 1);
  }
  switch (traits_of(node).place) {
    case Place::kResized:
      return (Size(out.height) + out.width) * (24 / sizeof(float));
    case Place::kWindow:
      return packed(static_cast<std::size_t>(in.channels)) * in.height;
    default:
      return 0;
  }
}

std::unexpected<Error> no_memory() {
  return fail(ErrorCode::kMemory, "there is not enough memory for the network");
}

}  // namespace

struct Network::Plan {
  Plan(Graph optimized, Executor& on) : graph(std::move(optimized)), executor(on) {}

  Result<void> prepare();
  Result<void> charge_kernels();
  Result<void> plan_arena(std::span<const StageGroup> groups);
  void make_steps(std::span<const StageGroup> groups);
  void release_packed(const StageGroup& group, std::vector<int>& readers);
  Result<void> size_memory();
  Result<void> bind_steps();
  void count_bytes();
  Rows place(TensorId id);
  void restore_states();
  void keep_states();
  void run(const RowsReady* ready);

  Graph graph;
  Executor& executor;
  SerialExecutor serial;
  ThreadChoice threads;
  std::optional<OutputGrid> output_grid;
  std::vector<Halo> halos;
  MemoryPlan memory;
  std::size_t scratch_size = 0;  // in floats, of each part of the work
  std::size_t states_size = 0;
  Buffer<float> arena;
  Buffer<float> scratch;
  Buffer<float> states;  // one after the other
  std::size_t bytes = 0;
  bool is_bound = false;
  std::vector<Step> steps;
};

Result<void> Network::Plan::prepare() {
  insert_layout_copies(graph);
  BACKDROP_TRY(verify(graph));
  BACKDROP_TRY(check_constants(graph));
  BACKDROP_TRY(charge_kernels());
  const std::vector<StageGroup> groups = group_stages(graph);
  BACKDROP_TRY(plan_arena(groups));
  make_steps(groups);
  BACKDROP_TRY(size_memory());
  count_bytes();
  return {};
}

// Takes what kernels hold from the budget before they are made; and the copies of constants that
// they read in place.
Result<void> Network::Plan::charge_kernels() {
  for (const Node& node : graph.nodes) {
    Size size = kernel_size(graph, node);
    for (const TensorId id : node.inputs) size = size + graph.at(id).constant.size();
    if (!graph.budget.take_floats(size)) return LoadBudget::exceeded();
  }
  return {};
}

Result<void> Network::Plan::plan_arena(std::span<const StageGroup> groups) {
  halos = find_halos(graph);
  for (std::size_t i = 0; i < halos.size(); ++i) {
    if (layout_of(graph.tensors[i].shape, halos[i]).size > kMaxArena) return LoadBudget::exceeded();
  }
  memory = plan_memory(find_lifetimes(graph, groups, halos), kAlignment, kMaxArena);
  return graph.budget.take_floats(memory.size) ? Result<void>() : LoadBudget::exceeded();
}

void Network::Plan::make_steps(std::span<const StageGroup> groups) {
  std::vector<int> readers = Uses(graph).readers;
  steps.reserve(groups.size());
  for (const StageGroup& group : groups) {
    const TensorId output = graph.nodes[group.first + group.count - 1].output;
    steps.emplace_back(graph, group, halos[static_cast<std::size_t>(output)]);
    release_packed(group, readers);
  }
  // Kernels read the remaining constants in place, after the file's bytes may be gone.
  for (Tensor& tensor : graph.tensors) tensor.constant.own();
}

// Releases weights whose last reader is in this group: its kernels hold packed copies.
void Network::Plan::release_packed(const StageGroup& group, std::vector<int>& readers) {
  for (const Node& node : std::span(graph.nodes).subspan(group.first, group.count)) {
    for (const TensorId id : packed_operands(node)) {
      if (id == kNoTensor || --readers[static_cast<std::size_t>(id)] > 0) continue;
      graph.at(id).constant.clear();
      graph.at(id).is_packed = true;
    }
  }
}

Result<void> Network::Plan::size_memory() {
  for (const Step& step : steps) scratch_size = std::max(scratch_size, step.scratch_size());
  Size all_states = 0;
  for (const State& state : graph.states) all_states = all_states + graph.shape(state.input).size();
  states_size = all_states.get();
  const Size all_scratch = Size(scratch_size) * executor.concurrency();
  return graph.budget.take_floats(all_scratch + all_states) ? Result<void>()
                                                            : LoadBudget::exceeded();
}

Result<void> Network::Plan::bind_steps() {
  const std::size_t parts = executor.concurrency();
  if (!arena.resize(memory.size) || !scratch.resize(scratch_size * parts) ||
      !states.resize(states_size)) {
    return no_memory();
  }
  std::fill_n(arena.data(), arena.size(), 0.0F);
  std::fill_n(states.data(), states.size(), 0.0F);
  const auto placed = [this](TensorId id) { return place(id); };
  for (Step& step : steps) step.bind(RowsOf(placed), scratch.data(), scratch_size, parts);
  is_bound = true;
  return {};
}

void Network::Plan::count_bytes() {
  std::size_t floats = memory.size + scratch_size * executor.concurrency() + states_size;
  for (const Tensor& tensor : graph.tensors) floats += tensor.constant.size();
  bytes = floats * sizeof(float);
  for (const Step& step : steps) bytes += step.weight_bytes();
}

Rows Network::Plan::place(TensorId id) {
  if (id == kNoTensor) return {};
  const Shape& shape = graph.shape(id);
  if (graph.is_constant(id)) {
    // Rows are mutable because outputs are; kernels never write to an input.
    return dense_rows(const_cast<float*>(graph.at(id).constant.values().data()), shape);
  }
  const auto index = static_cast<std::size_t>(id);
  const RowLayout layout = layout_of(shape, halos[index]);
  BACKDROP_ASSERT(memory.offsets[index] + layout.size <= arena.size());
  return {arena.data() + memory.offsets[index] + layout.first, layout.stride,
          static_cast<std::size_t>(shape.height)};
}

Network::Network(std::unique_ptr<Plan> plan) : plan_(std::move(plan)) {}
Network::~Network() = default;

Result<std::unique_ptr<Network>> Network::create(std::span<const std::uint8_t> tflite,
                                                 Executor& executor,
                                                 std::optional<InputSize> input_size,
                                                 std::string_view output_name,
                                                 Precision precision) {
  auto network = BACKDROP_TRY(plan(tflite, executor, input_size, output_name, precision));
  BACKDROP_TRY(network->bind());
  return network;
}

Result<std::unique_ptr<Network>> Network::create(Graph graph, Executor& executor,
                                                 Precision precision) {
  auto network = BACKDROP_TRY(plan(std::move(graph), executor, precision));
  BACKDROP_TRY(network->bind());
  return network;
}

Result<std::unique_ptr<Network>> Network::plan(std::span<const std::uint8_t> tflite,
                                               Executor& executor,
                                               std::optional<InputSize> input_size,
                                               std::string_view output_name, Precision precision) {
  return plan(BACKDROP_TRY(read_tflite(tflite, input_size, Weights::kViewed, output_name)),
              executor, precision);
}

Result<std::unique_ptr<Network>> Network::plan(Graph graph, Executor& executor,
                                               Precision precision) {
  BACKDROP_TRY(verify(graph));
  simplify_reshapes(graph);
  const std::optional<OutputGrid> grid = backdrop::output_grid(graph);
  optimize(graph);
  if (precision == Precision::kAuto && has_integer_kernels()) choose_integers(graph);
  auto plan = std::make_unique<Plan>(std::move(graph), executor);
  plan->output_grid = grid;
  BACKDROP_TRY(plan->prepare());
  return std::unique_ptr<Network>(new Network(std::move(plan)));
}

Result<void> Network::bind() { return plan_->is_bound ? Result<void>() : plan_->bind_steps(); }

std::size_t Network::bytes() const { return plan_->bytes; }

Shape Network::input_shape() const { return plan_->graph.shape(plan_->graph.input); }

Shape Network::output_shape() const { return plan_->graph.shape(plan_->graph.output); }

OutputHead Network::output_head() const { return find_output_head(plan_->graph); }

Grid Network::input_quantization() const {
  const Graph& graph = plan_->graph;
  const auto reads = [&](const Node& node) { return node.inputs[0] == graph.input && node.grid; };
  const auto found = std::ranges::find_if(graph.nodes, reads);
  return found == graph.nodes.end() ? Grid{} : found->grid;
}

const std::optional<OutputGrid>& Network::output_grid() const { return plan_->output_grid; }

std::span<float> Network::input() {
  return {plan_->place(plan_->graph.input).data, input_shape().size()};
}

std::span<const float> Network::output() const {
  return {plan_->place(plan_->graph.output).data, output_shape().size()};
}

void Network::reset() { std::fill_n(plan_->states.data(), plan_->states.size(), 0.0F); }

void Network::Plan::restore_states() {
  const float* from = states.data();
  for (const State& state : graph.states) {
    const std::size_t size = graph.shape(state.input).size();
    std::copy_n(from, size, place(state.input).data);
    from += size;
  }
}

void Network::Plan::keep_states() {
  float* to = states.data();
  for (const State& state : graph.states) {
    to = std::copy_n(place(state.output).data, graph.shape(state.output).size(), to);
  }
}

// Runs all steps. `ready` is null, or called with the rows of the output that have been written.
void Network::Plan::run(const RowsReady* ready) {
  const double start = now_ms();
  Executor& on = threads.has_all() ? executor : serial;
  restore_states();
  // A vector is written after all rows of work, so `ready` is called for it at the end.
  const Shape& output = graph.shape(graph.output);
  bool is_written = false;
  for (Step& step : steps) {
    const Node& last = graph.nodes[step.group().first + step.group().count - 1];
    const bool writes = last.output == graph.output && !output.is_vector();
    step.run(on, writes ? ready : nullptr);
    is_written = is_written || writes;
  }
  if (ready != nullptr && !is_written) (*ready)({0, output.height});
  keep_states();
  if (executor.concurrency() > 1) threads.add(now_ms() - start);
}

std::span<const float> Network::run() {
  plan_->run(nullptr);
  return output();
}

void Network::run(const RowsReady& ready) { plan_->run(&ready); }

const Graph& Network::graph() const { return plan_->graph; }

std::size_t Network::step_count() const { return plan_->steps.size(); }

std::span<const Node> Network::step(std::size_t index) const {
  const StageGroup& group = plan_->steps[index].group();
  return std::span(plan_->graph.nodes).subspan(group.first, group.count);
}

void Network::run_step(std::size_t index) { plan_->steps[index].run(plan_->executor); }

}  // namespace backdrop
