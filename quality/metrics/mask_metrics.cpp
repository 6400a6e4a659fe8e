#include "metrics/mask_metrics.h"

#include <limits>

#include "metrics/edge.h"

namespace backdrop::quality {
namespace {

constexpr int kTolerance = 3;  // pixels
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// The share of the set's pixels that lie near `other`.
double share_near(const PixelSet& set, const PixelSet& other) {
  const PixelSet near = grown(other, kTolerance);
  std::size_t both = 0;
  for (std::size_t i = 0; i < set.bits.size(); ++i) both += set.has(i) && near.has(i);
  const std::size_t count = set.count();
  return count == 0 ? 0 : static_cast<double>(both) / static_cast<double>(count);
}

}  // namespace

double iou(const Image& alpha, const Image& truth) {
  std::size_t both = 0;
  std::size_t either = 0;
  std::size_t person = 0;
  for (std::size_t i = 0; i < alpha.values.size(); ++i) {
    const bool is_found = alpha.values[i] >= 0.5F;
    const bool is_there = truth.values[i] >= 0.5F;
    both += is_found && is_there;
    either += is_found || is_there;
    person += is_there;
  }
  return person == 0 ? kNone : static_cast<double>(both) / static_cast<double>(either);
}

double boundary_f_score(const Image& alpha, const Image& truth) {
  const PixelSet found = outline(alpha);
  const PixelSet there = outline(truth);
  if (there.count() == 0) return kNone;
  const double precision = share_near(found, there);
  const double recall = share_near(there, found);
  return precision + recall == 0 ? 0 : 100 * 2 * precision * recall / (precision + recall);
}

}  // namespace backdrop::quality
