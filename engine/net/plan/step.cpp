#include "net/plan/step.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/assert.h"
#include "base/buffer.h"
#include "base/saturating.h"
#include "net/graph/weights.h"

namespace backdrop {
namespace {

// Multiply-accumulates below which another thread does not pay.
constexpr std::size_t kMinWorkPerThread = 20'000;

// A group computes its output in bands of this many rows.
constexpr int kBandRows = 4;

constexpr std::size_t kAlignment = Buffer<float>::kAlignment / sizeof(float);

// Rounded up; the largest number if that overflows.
std::size_t aligned(std::size_t size) {
  return size > SIZE_MAX - kAlignment ? SIZE_MAX
                                      : (size + kAlignment - 1) / kAlignment * kAlignment;
}

std::unique_ptr<Kernel> kernel_of(const Graph& graph, const Node& node) {
  KernelSpec spec{node, {}, graph.shape(node.output)};
  for (const TensorId id : node.inputs) spec.inputs.push_back(graph.shape(id));
  const Constant filter = weights_of(graph, node);
  spec.filter = filter.values();
  if (node.bias != kNoTensor) spec.bias = graph.at(node.bias).constant.values();
  if (node.mean != kNoTensor) spec.mean = graph.at(node.mean).constant.values();
  return make_kernel(spec);
}

}  // namespace

Step::Step(const Graph& graph, StageGroup group, Halo halo)
    : graph_(graph), group_(group), halo_(halo) {
  BACKDROP_ASSERT(group.count >= 1 && group.count <= kLongestGroup);
  for (const Node& node : std::span(graph.nodes).subspan(group.first, group.count)) {
    const Shape in = graph.shape(node.inputs[0]);
    stages_.push_back(
        {&node, kernel_of(graph, node), in, halo_of(node, in, graph.shape(node.output))});
  }
  size_line_buffers();
}

std::size_t Step::line_buffer_size(const Stage& stage) {
  return layout_of(stage.in, stage.halo).stride * static_cast<std::size_t>(stage.buffer_rows);
}

void Step::size_line_buffers() {
  for (int y = 0; y < static_cast<int>(rows()); ++y) {
    RowRange range{y, std::min(y + kBandRows, static_cast<int>(rows()))};
    for (std::size_t i = stages_.size() - 1; i > 0; --i) {
      range = rows_read(graph_, *stages_[i].node, range);
      stages_[i].buffer_rows = std::max(stages_[i].buffer_rows, range.last - range.first);
    }
  }
}

std::size_t Step::weight_bytes() const {
  std::size_t bytes = 0;
  for (const Stage& stage : stages_) bytes += stage.kernel->weight_bytes();
  return bytes;
}

std::size_t Step::scratch_size() const {
  Size size = 0;
  for (const Stage& stage : stages_) {
    size = size + aligned(stage.kernel->scratch_size()) + aligned(line_buffer_size(stage));
  }
  return size.get();
}

void Step::bind(RowsOf place, float* scratch, std::size_t scratch_stride, std::size_t parts) {
  BACKDROP_ASSERT(BACKDROP_IS_ALIGNED(scratch, Buffer<float>::kAlignment));
  BACKDROP_ASSERT(scratch_stride % kAlignment == 0 && scratch_stride >= scratch_size());
  for (std::size_t part = 0; part < parts; ++part) {
    bind_part(place, scratch + part * scratch_stride);
  }
}

void Step::bind_part(RowsOf place, float* scratch) {
  Rows input = place(stages_.front().node->inputs[0]);
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    const Node& node = *stages_[i].node;
    Rows output;
    if (i + 1 < stages_.size()) {
      const Stage& next = stages_[i + 1];
      const RowLayout layout = layout_of(next.in, next.halo);
      output = {scratch + layout.first, layout.stride, static_cast<std::size_t>(next.buffer_rows)};
      scratch += aligned(line_buffer_size(next));
    } else {
      output = place(node.output);
    }
    const auto rows_of = [&](TensorId id) { return id == node.inputs[0] ? input : place(id); };
    Operands operands;
    for (const TensorId id : node.inputs) operands.inputs.push_back(rows_of(id));
    operands.gate = place(node.gate).data;
    operands.residual = rows_of(node.residual);
    operands.output = output;
    operands.scratch = scratch;
    scratch += aligned(stages_[i].kernel->scratch_size());
    stages_[i].operands.push_back(std::move(operands));
    input = output;
  }
}

void Step::run(Executor& executor, const RowsReady* ready) {
  std::size_t work = 0;
  for (const Stage& stage : stages_) work += stage.kernel->work();
  const std::size_t parts = std::min(
      {rows(), executor.concurrency(), std::max<std::size_t>(work / kMinWorkPerThread, 1)});
  const auto run_one = [&](std::size_t part) {
    const RowRange range{static_cast<int>(rows() * part / parts),
                         static_cast<int>(rows() * (part + 1) / parts)};
    run_part(part, range, ready);
  };
  if (parts == 1) {
    run_one(0);
  } else {
    executor.run(parts, Task(run_one));
  }
  stages_.back().kernel->finish(stages_.back().operands.front());
}

void Step::run_part(std::size_t part, RowRange range, const RowsReady* ready) {
  for (const Stage& stage : stages_) {
    stage.kernel->begin(stage.operands[part]);
    clear_halos(stage.operands[part].inputs[0], stage.in, stage.halo, {0, stage.buffer_rows});
  }
  const Node& last = *stages_.back().node;
  const int band = stages_.size() == 1 ? range.last - range.first : kBandRows;
  Ranges done{};
  for (int y = range.first; y < range.last; y += band) {
    const RowRange rows{y, std::min(y + band, range.last)};
    run_band(part, rows, done);
    const RowRange written = rows_written(graph_, last, rows);
    clear_halos(stages_.back().operands[part].output, graph_.shape(last.output), halo_, written);
    if (ready != nullptr) (*ready)(written);
  }
}

// `done` holds the rows that each stage has computed so far.
void Step::run_band(std::size_t part, RowRange range, Ranges& done) {
  Ranges wanted;
  for (std::size_t i = stages_.size(); i-- > 0;) {
    wanted[i] = range;
    if (i == 0) continue;
    range = rows_read(graph_, *stages_[i].node, range);
    BACKDROP_ASSERT(range.last - range.first <= stages_[i].buffer_rows);
  }
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    const int first = std::max(wanted[i].first, done[i].last);
    if (first >= wanted[i].last) continue;
    stages_[i].kernel->run_rows(static_cast<std::size_t>(first),
                                static_cast<std::size_t>(wanted[i].last),
                                stages_[i].operands[part]);
    done[i] = wanted[i];
  }
}

}  // namespace backdrop
