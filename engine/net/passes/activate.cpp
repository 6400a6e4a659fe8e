#include "net/passes/activate.h"

#include <algorithm>
#include <cmath>

namespace backdrop {

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

}  // namespace backdrop
