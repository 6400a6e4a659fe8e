#include "segment/despeckle.h"

#include <algorithm>

namespace backdrop {
namespace {

// An island holds the pixels from this probability on, and a hole those that are background with
// it, so that their soft edges go with them.
constexpr float kLow = 0.1F;

// What is kept has this share of the largest island's pixels; half of it is gone. A hand that the
// network has cut off from its arm is larger, and so is a gap between arm and body: limits of 1 %
// and 0.25 % made the edge worse where people wave.
constexpr float kSmallIsland = 0.004F;
constexpr float kSmallHole = 0.001F;

// 1: kept; 0: gone.
float kept_of(int pixels, int largest, float limit) {
  const float share = static_cast<float>(pixels) / (static_cast<float>(largest) * limit);
  return std::clamp(2 * share - 1, 0.0F, 1.0F);
}

}  // namespace

bool Despeckle::prepare(MaskSize size) {
  size_ = size;
  const auto most = static_cast<std::size_t>((size.width + 1) / 2) *
                    static_cast<std::size_t>((size.height + 1) / 2);
  return components_.prepare(size) && pixels_.resize(most) && opposites_.resize(size.pixels());
}

void Despeckle::run(std::span<float> mask) {
  components_.find(mask, kLow);
  const int largest = count_pixels();
  if (largest == 0) return;
  fade(mask, largest, kSmallIsland, 0);

  std::ranges::transform(mask, opposites_.data(), [](float value) { return 1 - value; });
  components_.find({opposites_.data(), mask.size()}, kLow);
  count_pixels();
  close_at_borders();
  fade(mask, largest, kSmallHole, 1);
}

// Brings the values of small components to `target`.
void Despeckle::fade(std::span<float> mask, int largest, float limit, float target) {
  for (const MaskComponents::Run& run : components_.runs()) {
    const float kept = kept_of(pixels_of(run), largest, limit);
    if (kept == 1) continue;
    const auto length = static_cast<std::size_t>(run.end - run.first);
    for (float& value : mask.subspan(components_.index_of(run), length)) {
      value = target + (value - target) * kept;
    }
  }
}

// Returns the most pixels of a component.
int Despeckle::count_pixels() {
  std::fill_n(pixels_.data(), components_.count(), 0);
  int most = 0;
  for (const MaskComponents::Run& run : components_.runs()) {
    most = std::max(most, pixels_of(run) += run.end - run.first);
  }
  return most;
}

// What touches a border is no hole: it counts as all pixels.
void Despeckle::close_at_borders() {
  for (const MaskComponents::Run& run : components_.runs()) {
    const bool touches =
        run.y == 0 || run.y == size_.height - 1 || run.first == 0 || run.end == size_.width;
    if (touches) pixels_of(run) = size_.width * size_.height;
  }
}

}  // namespace backdrop
