// What became of a room that a still camera has seen: other light, or a camera that moved.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/buffer.h"

namespace backdrop {

// The first colour of a picture that the frame is compared with, in levels, and how steep it is
// along x and y.
struct SceneSample {
  float value;
  float slope_x;
  float slope_y;
};

// A pixel of the background. Colours are in levels.
struct ScenePoint {
  std::array<float, 3> frame;
  std::array<float, 3> room;
  SceneSample before;   // of the frame before
  SceneSample in_room;  // of the room
  bool is_known;        // whether the room is
  std::size_t cell;     // the part of the picture that the point is in, below kSceneCells
};
inline constexpr std::size_t kSceneColumns = 4;
inline constexpr std::size_t kSceneRows = 3;
inline constexpr std::size_t kSceneCells = kSceneColumns * kSceneRows;

// Fits, over points spread over the picture, a gain and an offset for each colour; then looks at
// what is left. Noise is measured where the fit is good. Each cell tells by least squares how far
// the picture moved in it (Lucas, Kanade, IJCAI 1981).
class SceneFit {
 public:
  enum class Verdict {
    kUnsure,  // too few points
    kStill,
    kMoved,      // most cells moved
    kOtherScene  // most points do not fit
  };

  [[nodiscard]] bool prepare(std::size_t most_points);
  void forget();  // what noise was measured

  void clear() { count_ = known_ = 0; }
  void add(const ScenePoint& point) {
    points_.data()[count_++] = point;
    known_ += point.is_known ? 1 : 0;
  }

  // Judges the points added since clear().
  Verdict judge();

  // Of the frame judged last: frame = gain * room + offset, in levels. Gains end at kMostGain.
  static constexpr float kMostGain = 2;
  struct Light {
    float gain = 1;
    float offset = 0;
    // Of the colours that it was fitted over: the mean and the standard deviation.
    float level = 0;
    float spread = 0;
  };
  const std::array<Light, 3>& light() const { return light_; }
  // Whether that is more than noise in any colour, for the levels that the room has of it: the line
  // through the few of a room's chroma says nothing of others.
  bool has_other_light() const;

  // The standard deviation of each colour, levels.
  const std::array<float, 3>& noise() const { return noise_; }

 private:
  template <typename Pair>
  Light fit_light(float noise, const Pair& pair) const;
  float error_of(const ScenePoint& point) const;
  void measure_noise();
  bool fits_room() const;
  bool has_moved_since(const SceneSample ScenePoint::* sample, const Light& light) const;

  Buffer<ScenePoint> points_;
  std::size_t count_ = 0;
  std::size_t known_ = 0;  // of these
  std::array<Light, 3> light_;
  std::array<float, 3> noise_{};
};

}  // namespace backdrop
