#include "kernels/kernel.h"

namespace backdrop {

std::unique_ptr<Kernel> make_kernel(const KernelSpec& spec) {
  switch (spec.node.kind) {
    case OpKind::kConv2d:
      return make_conv2d(spec);
    case OpKind::kDepthwiseConv2d:
      return make_depthwise_conv2d(spec);
    case OpKind::kTransposeConv2d:
      return make_transpose_conv2d(spec);
    case OpKind::kAveragePool:
      return make_average_pool(spec);
    case OpKind::kResizeBilinear:
      return make_resize_bilinear(spec);
    case OpKind::kConcat:
      return make_concat(spec);
    case OpKind::kAdd:
    case OpKind::kMul:
    case OpKind::kActivation:
    case OpKind::kDequantize:
      return make_elementwise(spec);
    default:
      return nullptr;
  }
}

}  // namespace backdrop
