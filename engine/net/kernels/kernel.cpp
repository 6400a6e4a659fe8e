#include "net/kernels/kernel.h"

#include <algorithm>

namespace backdrop {

void clear_margins(const Rows& rows, const Shape& shape, const Margin& margin, RowRange range) {
  if (margin == Margin{}) return;
  const auto channels = static_cast<std::size_t>(shape.channels);
  const std::size_t left = static_cast<std::size_t>(margin.left) * channels;
  const std::size_t right = static_cast<std::size_t>(margin.right) * channels;
  const std::size_t width = static_cast<std::size_t>(shape.width) * channels;
  for (int y = range.first; y < range.last; ++y) {
    float* row = rows.row(static_cast<std::size_t>(y));
    std::fill_n(row - left, left, 0.0F);
    std::fill_n(row + width, right, 0.0F);
  }
}

std::unique_ptr<Kernel> make_kernel(const KernelSpec& spec) {
  switch (spec.node.kind) {
    case OpKind::kConv2d:
      return make_conv2d(spec);
    case OpKind::kDepthwiseConv2d:
      return make_depthwise_conv2d(spec);
    case OpKind::kTransposeConv2d:
      return make_transpose_conv2d(spec);
    case OpKind::kAveragePool:
    case OpKind::kMaxPool:
    case OpKind::kSum:
      return make_pool(spec);
    case OpKind::kResizeBilinear:
      return make_resize_bilinear(spec);
    case OpKind::kResizeNearest:
      return make_resize_nearest(spec);
    case OpKind::kPad:
      return make_pad(spec);
    case OpKind::kConcat:
      return make_concat(spec);
    case OpKind::kAdd:
    case OpKind::kSub:
    case OpKind::kMul:
    case OpKind::kPrelu:
    case OpKind::kActivation:
    case OpKind::kDequantize:
      return make_elementwise(spec);
    case OpKind::kSoftmax:
      return make_softmax(spec);
    case OpKind::kArgMax:
      return make_arg_max(spec);
    case OpKind::kReshape:
      return make_reshape(spec);
    case OpKind::kTranspose:
      return make_transpose(spec);
  }
  return nullptr;
}

}  // namespace backdrop
