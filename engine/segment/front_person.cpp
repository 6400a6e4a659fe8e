#include "segment/front_person.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace backdrop {
namespace {

// A component holds the pixels from the lower probability on, so that its soft edge goes with it;
// those from the higher one on are counted.
constexpr float kLow = 0.1f;
constexpr float kPerson = 0.5f;

// The rank of a person at the frame's left or right edge, and of one who is at its top, against one
// in the middle of its bottom.
constexpr double kAtTheSide = 0.5;
constexpr double kAtTheTop = 0.5;

}  // namespace

bool FrontPerson::prepare(MaskSize size, int rotation) {
  size_ = size;
  rotation_ = rotation;
  const auto most = static_cast<std::size_t>((size.width + 1) / 2) *
                    static_cast<std::size_t>((size.height + 1) / 2);
  return components_.prepare(size) && people_.resize(most);
}

void FrontPerson::keep(std::span<float> mask, std::span<const float> shown) {
  components_.find(mask, kLow);
  find_people(mask, shown);
  const int front = find_front();
  for (std::size_t i = 0; i < components_.count(); ++i) {
    if (static_cast<int>(i) != front) add_dropped(people_.data()[i]);
  }
  for (const MaskComponents::Run& run : components_.runs()) {
    if (run.component == front) continue;
    std::fill_n(mask.data() + components_.index_of(run), run.end - run.first, 0.0f);
  }
}

void FrontPerson::find_people(std::span<const float> mask, std::span<const float> shown) {
  std::fill_n(people_.data(), components_.count(), Person{size_.width, size_.height, 0, 0, 0, 0});
  for (const MaskComponents::Run& run : components_.runs()) {
    Person& person = people_.data()[run.component];
    person.left = std::min(person.left, run.first);
    person.top = std::min(person.top, run.y);
    person.right = std::max(person.right, run.end);
    person.bottom = run.y + 1;
    const std::size_t first = components_.index_of(run);
    const auto length = static_cast<std::size_t>(run.end - run.first);
    person.pixels += count_from(mask.subspan(first, length), kPerson);
    if (!shown.empty()) person.shown += count_from(shown.subspan(first, length), kPerson);
  }
}

// The component of the highest rank; -1 if there is nobody.
int FrontPerson::find_front() const {
  int front = -1;
  double highest = 0;
  for (std::size_t i = 0; i < components_.count(); ++i) {
    const double rank = rank_of(people_.data()[i]);
    if (rank <= highest) continue;
    highest = rank;
    front = static_cast<int>(i);
  }
  return front;
}

// What is nobody for certain, such as a thing that the network is unsure of, is no person.
void FrontPerson::add_dropped(const Person& person) {
  if (person.pixels == 0) return;
  double left = person.left, top = person.top, right = person.right, bottom = person.bottom;
  left /= size_.width, right /= size_.width, top /= size_.height, bottom /= size_.height;
  if (dropped_count_ == dropped_.size()) {
    const Region& last = dropped_[--dropped_count_];
    left = std::min(left, last.left);
    top = std::min(top, last.top);
    right = std::max(right, last.left + last.width);
    bottom = std::max(bottom, last.top + last.height);
  }
  dropped_[dropped_count_++] = {left, top, right - left, bottom - top};
}

double FrontPerson::rank_of(const Person& person) const {
  const double left = static_cast<double>(person.left) / size_.width;
  const double right = static_cast<double>(person.right) / size_.width;
  const double top = static_cast<double>(person.top) / size_.height;
  const double bottom = static_cast<double>(person.bottom) / size_.height;
  const bool is_upright = rotation_ % 180 == 0;
  const double across = is_upright ? left + right : top + bottom;  // 1 in the middle
  double down = bottom;
  if (rotation_ == 90) down = right;
  if (rotation_ == 180) down = 1 - top;
  if (rotation_ == 270) down = 1 - left;
  const double place =
      (1 - (1 - kAtTheSide) * std::abs(across - 1)) * (kAtTheTop + (1 - kAtTheTop) * down);
  return (person.pixels + std::min(person.shown, person.pixels)) * place;
}

}  // namespace backdrop
