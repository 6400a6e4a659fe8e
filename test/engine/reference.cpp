#include "reference.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace backdrop::reference {
namespace {

using Values = std::vector<float>;

Values values_of(const Graph& graph, TensorId id) { return graph.at(id).constant.copy(); }

std::size_t index_of(const Shape& shape, int y, int x, int channel) {
  const auto pixel = static_cast<std::size_t>(y) * static_cast<std::size_t>(shape.width) +
                     static_cast<std::size_t>(x);
  return pixel * static_cast<std::size_t>(shape.channels) + static_cast<std::size_t>(channel);
}

// Calls visit(tap_y, tap_x, y, x) for each tap of the window that lies inside the input.
template <typename Visit>
void for_each_tap(const Window& w, const Shape& in, int out_y, int out_x, Visit visit) {
  for (int ky = 0; ky < w.height; ++ky) {
    for (int kx = 0; kx < w.width; ++kx) {
      const int y = out_y * w.stride_y - w.pad_top + ky * w.dilation_y;
      const int x = out_x * w.stride_x - w.pad_left + kx * w.dilation_x;
      if (y >= 0 && y < in.height && x >= 0 && x < in.width) visit(ky, kx, y, x);
    }
  }
}

// Calls visit(tap_y, tap_x, y, x) for each input pixel whose transposed window covers the output
// pixel, with the tap that falls on the output pixel.
template <typename Visit>
void for_each_source(const Window& w, const Shape& in, int out_y, int out_x, Visit visit) {
  for (int y = 0; y < in.height; ++y) {
    for (int x = 0; x < in.width; ++x) {
      const int ky = out_y + w.pad_top - y * w.stride_y;
      const int kx = out_x + w.pad_left - x * w.stride_x;
      if (ky >= 0 && ky < w.height && kx >= 0 && kx < w.width) visit(ky, kx, y, x);
    }
  }
}

template <typename Compute>
Values for_each_output(const Shape& out, Compute compute) {
  Values values(out.size());
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      for (int c = 0; c < out.channels; ++c) values[index_of(out, y, x, c)] = compute(y, x, c);
    }
  }
  return values;
}

float gate_of(const Graph& graph, const Node& node, int channel) {
  return node.gate == kNoTensor ? 1.0F
                                : graph.at(node.gate).constant[static_cast<std::size_t>(channel)];
}

float scale_of(const Graph& graph, const Node& node, int channel) {
  return node.scale == kNoTensor ? 1.0F
                                 : graph.at(node.scale).constant[static_cast<std::size_t>(channel)];
}

Values convolve(const Graph& graph, const Node& node) {
  const Tensor& in = graph.at(node.inputs[0]);
  const Tensor& filter = graph.at(node.filter);
  const Tensor& bias = graph.at(node.bias);
  return for_each_output(graph.shape(node.output), [&](int out_y, int out_x, int o) {
    float sum = bias.constant[static_cast<std::size_t>(o)];
    const std::size_t weights = static_cast<std::size_t>(o) * filter.shape.size();
    for_each_tap(node.window, in.shape, out_y, out_x, [&](int ky, int kx, int y, int x) {
      for (int c = 0; c < in.shape.channels; ++c) {
        sum += in.constant[index_of(in.shape, y, x, c)] * gate_of(graph, node, c) *
               scale_of(graph, node, c) *
               filter.constant[weights + index_of(filter.shape, ky, kx, c)];
      }
    });
    return sum;
  });
}

Values convolve_depthwise(const Graph& graph, const Node& node) {
  const Tensor& in = graph.at(node.inputs[0]);
  const Tensor& filter = graph.at(node.filter);
  const Tensor& bias = graph.at(node.bias);
  return for_each_output(graph.shape(node.output), [&](int out_y, int out_x, int c) {
    float sum = bias.constant[static_cast<std::size_t>(c)];
    for_each_tap(node.window, in.shape, out_y, out_x, [&](int ky, int kx, int y, int x) {
      sum += in.constant[index_of(in.shape, y, x, c)] *
             filter.constant[index_of(filter.shape, ky, kx, c)];
    });
    return sum;
  });
}

Values convolve_transposed(const Graph& graph, const Node& node) {
  const Tensor& in = graph.at(node.inputs[0]);
  const Tensor& filter = graph.at(node.filter);
  const Tensor& bias = graph.at(node.bias);
  return for_each_output(graph.shape(node.output), [&](int out_y, int out_x, int o) {
    float sum = bias.constant[static_cast<std::size_t>(o)];
    const std::size_t weights = static_cast<std::size_t>(o) * filter.shape.size();
    for_each_source(node.window, in.shape, out_y, out_x, [&](int ky, int kx, int y, int x) {
      for (int c = 0; c < in.shape.channels; ++c) {
        sum += in.constant[index_of(in.shape, y, x, c)] *
               filter.constant[weights + index_of(filter.shape, ky, kx, c)];
      }
    });
    return sum;
  });
}

Values pool(const Graph& graph, const Node& node) {
  const Tensor& in = graph.at(node.inputs[0]);
  return for_each_output(graph.shape(node.output), [&](int out_y, int out_x, int c) {
    double sum = 0;
    int count = 0;
    float largest = -std::numeric_limits<float>::infinity();
    for_each_tap(node.window, in.shape, out_y, out_x, [&](int, int, int y, int x) {
      const float value = in.constant[index_of(in.shape, y, x, c)];
      sum += static_cast<double>(value);
      if (value > largest || std::isnan(value)) largest = value;
      ++count;
    });
    if (node.kind == OpKind::kMaxPool) return largest;
    return static_cast<float>(node.kind == OpKind::kSum ? sum : sum / count);
  });
}

Values quantize(const Graph& graph, const Node& node) {
  Values values = values_of(graph, node.inputs[0]);
  const auto [step, zero, first, last] = node.grid;
  for (float& value : values) {
    const float integer = std::nearbyint(value / step + zero + node.nudge);
    value = (std::clamp(integer, first, last) - zero) * step;
  }
  return values;
}

Values resize_bilinear(const Graph& graph, const Node& node) {
  const Tensor& in = graph.at(node.inputs[0]);
  const Shape& out = graph.shape(node.output);
  const auto source = [&](int at, int from, int to) {
    if (node.align_corners && to > 1) {
      return static_cast<float>(at) * static_cast<float>(from - 1) / static_cast<float>(to - 1);
    }
    const float scale = static_cast<float>(from) / static_cast<float>(to);
    const float position = static_cast<float>(at);
    return node.half_pixel_centers ? std::max((position + 0.5F) * scale - 0.5F, 0.0F)
                                   : position * scale;
  };
  return for_each_output(out, [&](int out_y, int out_x, int c) {
    const float y = source(out_y, in.shape.height, out.height);
    const float x = source(out_x, in.shape.width, out.width);
    const int y0 = std::min(static_cast<int>(y), in.shape.height - 1);
    const int x0 = std::min(static_cast<int>(x), in.shape.width - 1);
    const int y1 = std::min(y0 + 1, in.shape.height - 1);
    const int x1 = std::min(x0 + 1, in.shape.width - 1);
    const auto at = [&](int yy, int xx) { return in.constant[index_of(in.shape, yy, xx, c)]; };
    const float top = std::lerp(at(y0, x0), at(y0, x1), x - static_cast<float>(x0));
    const float bottom = std::lerp(at(y1, x0), at(y1, x1), x - static_cast<float>(x0));
    return std::lerp(top, bottom, y - static_cast<float>(y0));
  });
}

Values resize_nearest(const Graph& graph, const Node& node) {
  const Tensor& in = graph.at(node.inputs[0]);
  const Shape& out = graph.shape(node.output);
  const auto source = [&](int at, int from, int to) {
    if (node.align_corners && to > 1) {
      const float scale = static_cast<float>(from - 1) / static_cast<float>(to - 1);
      return static_cast<int>(std::round(static_cast<float>(at) * scale));
    }
    const float scale = static_cast<float>(from) / static_cast<float>(to);
    const float position = static_cast<float>(at) + (node.half_pixel_centers ? 0.5F : 0.0F);
    return std::min(static_cast<int>(position * scale), from - 1);
  };
  return for_each_output(out, [&](int y, int x, int c) {
    return in.constant[index_of(in.shape, source(y, in.shape.height, out.height),
                                source(x, in.shape.width, out.width), c)];
  });
}

Values pad(const Graph& graph, const Node& node) {
  const Tensor& in = graph.at(node.inputs[0]);
  return for_each_output(graph.shape(node.output), [&](int out_y, int out_x, int c) {
    const int y = out_y - node.window.pad_top;
    const int x = out_x - node.window.pad_left;
    const bool is_inside = y >= 0 && y < in.shape.height && x >= 0 && x < in.shape.width;
    return is_inside ? in.constant[index_of(in.shape, y, x, c)] : node.value;
  });
}

float combine(OpKind kind, float a, float b) {
  if (kind == OpKind::kAdd) return a + b;
  if (kind == OpKind::kSub) return a - b;
  if (kind == OpKind::kPrelu && a > 0) return a;
  return a * b;
}

Values combine(const Graph& graph, const Node& node) {
  const Tensor& a = graph.at(node.inputs[0]);
  const Tensor& b = graph.at(node.inputs[1]);
  return for_each_output(graph.shape(node.output), [&](int y, int x, int c) {
    const float left = a.constant[index_of(a.shape, y, x, c)] * gate_of(graph, node, c);
    const float right =
        b.constant[index_of(b.shape, b.shape.height == 1 ? 0 : y, b.shape.width == 1 ? 0 : x,
                            b.shape.channels == 1 ? 0 : c)];
    return combine(node.kind, left, right);
  });
}

Values softmax(const Graph& graph, const Node& node) {
  const Tensor& in = graph.at(node.inputs[0]);
  const int channels = in.shape.channels;
  return for_each_output(in.shape, [&](int y, int x, int c) {
    const float* pixel = in.constant.values().data() + index_of(in.shape, y, x, 0);
    const float largest = *std::max_element(pixel, pixel + channels);
    double sum = 0;
    for (int i = 0; i < channels; ++i) sum += std::exp(static_cast<double>(pixel[i] - largest));
    return static_cast<float>(std::exp(static_cast<double>(pixel[c] - largest)) / sum);
  });
}

Values arg_max(const Graph& graph, const Node& node) {
  const Tensor& in = graph.at(node.inputs[0]);
  return for_each_output(graph.shape(node.output), [&](int y, int x, int) {
    const float* pixel = in.constant.values().data() + index_of(in.shape, y, x, 0);
    const float* end = pixel + in.shape.channels;
    const float* nan = std::find_if(pixel, end, [](float value) { return std::isnan(value); });
    return nan == end ? static_cast<float>(std::max_element(pixel, end) - pixel) : *nan;
  });
}

Values transpose(const Graph& graph, const Node& node) {
  const auto dimensions = [](const Shape& s) {
    return std::array{s.batch, s.height, s.width, s.channels};
  };
  const Tensor& in = graph.at(node.inputs[0]);
  const auto from = dimensions(in.shape);
  const auto to = dimensions(graph.shape(node.output));
  Values values;
  for (std::size_t i = 0; i < in.constant.size(); ++i) {
    std::array<int, 4> at{};  // in the input
    auto rest = static_cast<int>(i);
    for (std::size_t axis = 4; axis-- > 0; rest /= to[axis]) {
      at[static_cast<std::size_t>(node.permutation[axis])] = rest % to[axis];
    }
    const int index = ((at[0] * from[1] + at[1]) * from[2] + at[2]) * from[3] + at[3];
    values.push_back(in.constant[static_cast<std::size_t>(index)]);
  }
  return values;
}

Values select(const Graph& graph, const Node& node) {
  const Tensor& in = graph.at(node.inputs[0]);
  const auto [first, times] = node.selection;
  return for_each_output(graph.shape(node.output), [&](int y, int x, int c) {
    return in.constant[index_of(in.shape, y, x, first + c / times)];
  });
}

Values concatenate(const Graph& graph, const Node& node) {
  return for_each_output(graph.shape(node.output), [&](int y, int x, int c) {
    for (const TensorId id : node.inputs) {
      const Tensor& part = graph.at(id);
      if (c < part.shape.channels) return part.constant[index_of(part.shape, y, x, c)];
      c -= part.shape.channels;
    }
    return 0.0F;
  });
}

float activate(Activation activation, float x) {
  switch (activation) {
    case Activation::kNone:
      return x;
    case Activation::kRelu:
      return std::max(x, 0.0F);
    case Activation::kRelu6:
      return std::clamp(x, 0.0F, 6.0F);
    case Activation::kHardSwish:
      return x * std::clamp(x + 3.0F, 0.0F, 6.0F) / 6.0F;
    case Activation::kSigmoid:
      return 1.0F / (1.0F + std::exp(-x));
  }
  return x;
}

void apply(Activation activation, Values& values) {
  if (activation == Activation::kNone) return;
  for (float& value : values) value = activate(activation, value);
}

Values operate(const Graph& graph, const Node& node) {
  switch (node.kind) {
    case OpKind::kConv2d:
    case OpKind::kIntegerConv2d:
      return convolve(graph, node);
    case OpKind::kDepthwiseConv2d:
      return convolve_depthwise(graph, node);
    case OpKind::kTransposeConv2d:
      return convolve_transposed(graph, node);
    case OpKind::kAveragePool:
    case OpKind::kMaxPool:
    case OpKind::kSum:
      return pool(graph, node);
    case OpKind::kResizeBilinear:
      return resize_bilinear(graph, node);
    case OpKind::kResizeNearest:
      return resize_nearest(graph, node);
    case OpKind::kPad:
      return pad(graph, node);
    case OpKind::kAdd:
    case OpKind::kSub:
    case OpKind::kMul:
    case OpKind::kPrelu:
      return combine(graph, node);
    case OpKind::kSelect:
      return select(graph, node);
    case OpKind::kTranspose:
      return transpose(graph, node);
    case OpKind::kDequantize:
    case OpKind::kActivation:
    case OpKind::kReshape:
      return values_of(graph, node.inputs[0]);
    case OpKind::kQuantize:
      return quantize(graph, node);
    case OpKind::kSoftmax:
      return softmax(graph, node);
    case OpKind::kArgMax:
      return arg_max(graph, node);
    case OpKind::kConcat:
      return concatenate(graph, node);
  }
  return {};
}

}  // namespace

std::vector<float> evaluate(const Graph& graph, const Node& node) {
  Values values = operate(graph, node);
  apply(node.activation, values);
  if (node.residual == kNoTensor) return values;

  const Values residual = values_of(graph, node.residual);
  const bool gated = node.kind == OpKind::kResizeBilinear;
  const int channels = graph.shape(node.output).channels;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int channel = static_cast<int>(i % static_cast<std::size_t>(channels));
    values[i] += residual[i] * (gated ? gate_of(graph, node, channel) : 1.0F);
  }
  return values;
}

std::vector<float> run(Graph graph, std::span<const float> input) {
  graph.at(graph.input).constant = Values(input.begin(), input.end());
  for (const Node& node : graph.nodes) {
    graph.at(node.output).constant = evaluate(graph, node);
  }
  return graph.at(graph.output).constant.take();
}

}  // namespace backdrop::reference
