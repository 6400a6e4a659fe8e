// Builds graphs for tests.
#pragma once

#include <cstdint>
#include <utility>

#include "net/graph/graph.h"
#include "support.h"

namespace backdrop::test {

// A graph to which nodes are added one by one. Constants are noise.
class GraphMaker {
 public:
  explicit GraphMaker(Shape input) {
    graph.input = graph.add_tensor("input", input);
    graph.output = graph.input;
  }

  TensorId constant(Shape shape, std::size_t count) {
    return graph.add_tensor("constant", shape, noise(count * shape.size(), ++seed_));
  }

  TensorId add(Node node, Shape output) {
    node.output = graph.output = graph.add_tensor("output", output);
    graph.nodes.push_back(std::move(node));
    return graph.output;
  }

  Node convolution(TensorId input, Window window, int channels) {
    const int in_channels = graph.shape(input).channels;
    Node node;
    node.kind = OpKind::kConv2d;
    node.inputs = {input};
    node.window = window;
    node.filter =
        constant({window.height, window.width, in_channels}, static_cast<std::size_t>(channels));
    node.bias = constant({1, 1, channels}, 1);
    return node;
  }

  Node depthwise_convolution(TensorId input, Window window) {
    const int channels = graph.shape(input).channels;
    Node node;
    node.kind = OpKind::kDepthwiseConv2d;
    node.inputs = {input};
    node.window = window;
    node.filter = constant({window.height, window.width, channels}, 1);
    node.bias = constant({1, 1, channels}, 1);
    return node;
  }

  Graph graph;

 private:
  std::uint32_t seed_ = 0;
};

}  // namespace backdrop::test
