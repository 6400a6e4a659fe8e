// Which of the people in a mask is in front.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "base/buffer.h"
#include "image/mask.h"
#include "image/region.h"
#include "segment/mask_components.h"

namespace backdrop {

// Keeps the person in front and makes all others background. People are the mask's connected
// components. The one in front is the largest, near the middle of the frame and near its bottom. A
// component that was shown before counts more, so that the choice does not jump between two people.
// People who touch are one component.
class FrontPerson {
 public:
  // Prepares for masks of this size, as the frame is stored, of frames that are displayed after a
  // rotation by `rotation` degrees clockwise. False without memory.
  [[nodiscard]] bool prepare(MaskSize size, int rotation);

  // `shown` is the mask shown before, or empty. Allocates nothing.
  void keep(std::span<float> mask, std::span<const float> shown);

  // Boxes around those who were made background since forget_dropped().
  std::span<const Region> dropped() const { return {dropped_.data(), dropped_count_}; }
  void forget_dropped() { dropped_count_ = 0; }

 private:
  struct Person {
    int left, top, right, bottom;  // the box; the last two are exclusive
    int pixels;                    // that show a person
    int shown;                     // pixels that showed one before
  };

  void find_people(std::span<const float> mask, std::span<const float> shown);
  int find_front() const;
  double rank_of(const Person& person) const;
  void add_dropped(const Person& person);

  MaskSize size_;
  int rotation_ = 0;
  MaskComponents components_;
  Buffer<Person> people_;          // one for each component
  std::array<Region, 8> dropped_;  // the last one is around all for whom there is no other
  std::size_t dropped_count_ = 0;
};

}  // namespace backdrop
