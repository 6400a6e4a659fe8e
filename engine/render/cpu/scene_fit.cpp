#include "render/cpu/scene_fit.h"

#include <algorithm>
#include <cmath>

namespace backdrop {
namespace {

constexpr std::size_t kFewestPoints = 64;
constexpr float kFewestInFit = 32;
constexpr float kFewestOfCell = 8;
constexpr float kFirstNoise = 2.5f;
constexpr float kLeastNoise = 0.8f;
constexpr float kMostNoise = 10;
constexpr float kMisfit = 5;          // variances
constexpr float kMostMisfits = 0.2F;  // of all points, before it is another scene
constexpr float kMotion = 0.12f;      // pixels
constexpr float kSteadiness = 0.03f;  // pixels that a shift has to be known to

}  // namespace

bool SceneFit::prepare(std::size_t most_points) {
  forget();
  clear();
  return points_.resize(most_points);
}

void SceneFit::forget() {
  noise_.fill(kFirstNoise);
  light_.fill({});
}

SceneFit::Verdict SceneFit::judge() {
  light_.fill({});
  if (count_ < kFewestPoints) return Verdict::kUnsure;
  const Light since_before =
      fit_light(noise_[0], [](const ScenePoint& point, float& from, float& to) {
        from = point.before.value;
        to = point.frame[0];
        return true;
      });
  if (has_moved_since(&ScenePoint::before, since_before)) return Verdict::kMoved;
  if (known_ < kFewestPoints) return Verdict::kUnsure;
  for (std::size_t c = 0; c < 3; ++c) {
    light_[c] = fit_light(noise_[c], [c](const ScenePoint& point, float& from, float& to) {
      from = point.room[c];
      to = point.frame[c];
      return point.is_known;
    });
  }
  if (!fits_room()) return Verdict::kOtherScene;
  if (has_moved_since(&ScenePoint::in_room, light_[0])) return Verdict::kMoved;
  measure_noise();
  return Verdict::kStill;
}

// Fits a line over the points for which pair(point, x, y) gives a pair of levels. Twice: the second
// time without the points that the first line is far from.
template <typename Pair>
SceneFit::Light SceneFit::fit_light(float noise, const Pair& pair) const {
  constexpr float kStiffness = 30;  // levels^2: keeps the gain of a flat picture near 1
  constexpr float kMiddle = 128;
  Light light;
  float limit = 1e9F;
  for (int round = 0; round < 2; ++round) {
    float n = 0, from = 0, to = 0, square = 0, product = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      float x = 0, y = 0;
      if (!pair(points_.data()[i], x, y)) continue;
      if (std::abs(light.gain * x + light.offset - y) > limit) continue;
      n += 1;
      from += x - kMiddle;
      to += y - kMiddle;
      square += (x - kMiddle) * (x - kMiddle);
      product += (x - kMiddle) * (y - kMiddle);
    }
    if (n < kFewestInFit) return light;
    from /= n;
    to /= n;
    const float variance = square / n - from * from;
    const float covariance = product / n - from * to;
    light.gain = std::clamp((covariance + kStiffness) / (variance + kStiffness), 0.3F, kMostGain);
    light.level = from + kMiddle;
    light.spread = std::sqrt(std::max(variance, 0.0F));
    light.offset = to + kMiddle - light.gain * light.level;
    float error = 0;
    n = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      float x = 0, y = 0;
      if (!pair(points_.data()[i], x, y)) continue;
      n += 1;
      error += std::abs(light.gain * x + light.offset - y);
    }
    limit = std::max(2 * error / n, 3 * noise);
  }
  return light;
}

bool SceneFit::has_other_light() const {
  constexpr float kLeast = 1;  // levels, of what is dark or bright
  constexpr float kSpreads = 1.5F;
  return std::ranges::any_of(light_, [](const Light& light) {
    const float change = std::abs((light.gain - 1) * light.level + light.offset);
    return change + std::abs(light.gain - 1) * kSpreads * light.spread > kLeast;
  });
}

// The mean squared error in variances.
float SceneFit::error_of(const ScenePoint& point) const {
  float sum = 0;
  for (std::size_t c = 0; c < 3; ++c) {
    const float rest =
        (light_[c].gain * point.room[c] + light_[c].offset - point.frame[c]) / noise_[c];
    sum += rest * rest;
  }
  return sum / 3;
}

void SceneFit::measure_noise() {
  std::array<float, 3> sums{};
  std::array<float, 3> counts{};
  for (std::size_t i = 0; i < count_; ++i) {
    const ScenePoint& point = points_.data()[i];
    if (!point.is_known) continue;
    for (std::size_t c = 0; c < 3; ++c) {
      const float rest = light_[c].gain * point.room[c] + light_[c].offset - point.frame[c];
      if (std::abs(rest) > 4 * noise_[c]) continue;
      sums[c] += rest * rest;
      counts[c] += 1;
    }
  }
  for (std::size_t c = 0; c < 3; ++c) {
    if (counts[c] < kFewestInFit) continue;
    const float measured = std::sqrt(sums[c] / counts[c]);
    const float step = 0.15f * std::min(measured - noise_[c], 0.1f * noise_[c]);
    noise_[c] = std::clamp(noise_[c] + step, kLeastNoise, kMostNoise);
  }
}

bool SceneFit::fits_room() const {
  std::size_t misfits = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const ScenePoint& point = points_.data()[i];
    if (point.is_known && error_of(point) > kMisfit) ++misfits;
  }
  return static_cast<float>(misfits) < kMostMisfits * static_cast<float>(known_);
}

// Solves, in each cell, for the shift and the change of light that explain best what is not as
// before. Where too much is not as before, the cell moved far. A direction along which a cell has
// no structure counts as unmoved.
bool SceneFit::has_moved_since(const SceneSample ScenePoint::* sample, const Light& light) const {
  struct Sums {
    float n = 0, x = 0, y = 0, rest = 0, xx = 0, xy = 0, yy = 0, xr = 0, yr = 0;
    float steep = 0, far = 0;
  };
  std::array<Sums, kSceneCells> cells{};
  const bool is_room = sample == &ScenePoint::in_room;
  const float variance = noise_[0] * noise_[0];
  const float most = 12 * noise_[0];
  for (std::size_t i = 0; i < count_; ++i) {
    const ScenePoint& point = points_.data()[i];
    if (is_room && !point.is_known) continue;
    const auto& [value, x, y] = point.*sample;
    const float rest = std::clamp(point.frame[0] - light.gain * value - light.offset, -most, most);
    Sums& sums = cells[point.cell];
    sums.n += 1;
    sums.x += x;
    sums.y += y;
    sums.rest += rest;
    sums.xx += x * x;
    sums.xy += x * y;
    sums.yy += y * y;
    sums.xr += x * rest;
    sums.yr += y * rest;
    if (x * x + y * y < 9 * variance) continue;
    sums.steep += 1;
    if (rest * rest > 50 * variance) sums.far += 1;
  }
  const float ridge = variance / (kSteadiness * kSteadiness);
  int decisive = 0, moved = 0;
  for (const Sums& sums : cells) {
    if (sums.n < kFewestOfCell) continue;
    const float xx = sums.xx - sums.x * sums.x / sums.n;
    const float xy = sums.xy - sums.x * sums.y / sums.n;
    const float yy = sums.yy - sums.y * sums.y / sums.n;
    const float xr = sums.xr - sums.x * sums.rest / sums.n;
    const float yr = sums.yr - sums.y * sums.rest / sums.n;
    if (xx + yy < 2 * ridge) continue;
    const float determinant = (xx + ridge / 2) * (yy + ridge / 2) - xy * xy;
    const float shift_x = ((yy + ridge / 2) * xr - xy * yr) / determinant;
    const float shift_y = ((xx + ridge / 2) * yr - xy * xr) / determinant;
    ++decisive;
    const bool is_far = sums.far > 0.4f * std::max(sums.steep, 8.0f);
    if (is_far || shift_x * shift_x + shift_y * shift_y > kMotion * kMotion) ++moved;
  }
  return 2 * moved > decisive;
}

}  // namespace backdrop
