#include "segment/person_crop.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "base/assert.h"

namespace backdrop {
namespace {

// A pixel of the mask shows a person from this probability on.
constexpr float kPerson = 0.5f;
// Fewer pixels of a row or a column are noise.
constexpr int kLeastPixels = 2;
// Less of the mask is nobody.
constexpr double kLeastShare = 0.001;

// The room around the people, in shares of the longer side of their box.
constexpr double kMargin = 0.12;
constexpr double kMarginAtEdge = 0.3;  // when they reach the rectangle's edge
constexpr double kLeastMargin = 0.04;  // a rectangle that leaves less of it is replaced
constexpr double kLeastOfRect = 0.8;   // a rectangle that could be smaller than this is replaced
constexpr double kWholeFrom = 0.92;    // from this share of the frame on the whole is seen
constexpr double kSameFrom = 0.8;  // of the answer's width: the rectangle gets the answer's size
constexpr int kPixelsAtEdge = 2;   // people so near to the rectangle's edge reach it

// People stand side by side if their box is so many times as wide as the network's shape,
constexpr double kGroupFrom = 1.6;
constexpr double kGroupUntil = 1.35;   // and go on to do so from this width on.
constexpr double kLeastOfPart = 0.56;  // of the rectangle's width, so that the parts overlap
constexpr double kMostOfPart = 0.8;    // wider ones would show little more than the rectangle

constexpr double kMostMaskPixels = 4;  // times the pixels of the network's answer

// Places `length` around `centre` inside 0 ... size.
int place(double centre, int length, int size) {
  return std::clamp(static_cast<int>(std::lround(centre - length / 2.0)), 0, size - length);
}

int whole_pixels(double length, int most) {
  return static_cast<int>(std::clamp(std::ceil(length), 1.0, static_cast<double>(most)));
}

}  // namespace

MaskSize whole_frame_mask(int width, int height, MaskSize answer) {
  const double scale = std::max(static_cast<double>(answer.width) / width,
                                static_cast<double>(answer.height) / height);
  const double columns = std::round(scale * width), rows = std::round(scale * height);
  const double pixels = static_cast<double>(answer.width) * answer.height;
  if (columns * rows > kMostMaskPixels * pixels) return answer;
  return {static_cast<int>(columns), static_cast<int>(rows)};
}

void PersonCrop::prepare(MaskSize mask, MaskSize answer, bool lies_on_side, bool is_on) {
  mask_ = mask;
  answer_ = answer;
  lies_on_side_ = lies_on_side;
  is_on_ = is_on;
  columns_.resize(static_cast<std::size_t>(mask.width));
  reset();
}

void PersonCrop::reset() {
  forget_people();
  frames_ = 0;
}

void PersonCrop::forget_people() {
  rect_ = whole();
  is_group_ = false;
}

MaskRect PersonCrop::part(int number) const {
  MaskRect part = rect_;
  if (!is_group_) return part;
  const double shape = static_cast<double>(answer_.width) / answer_.height;
  const double fitting = lies_on_side_ ? rect_.width / shape : rect_.height * shape;
  int& begin = lies_on_side_ ? part.y : part.x;
  int& length = lies_on_side_ ? part.height : part.width;
  const int all = length;
  const int wanted = whole_pixels(std::max(fitting, kLeastOfPart * all), all);
  if (wanted > kMostOfPart * all) return part;
  begin += number * (all - wanted);
  length = wanted;
  return part;
}

Region PersonCrop::region_of(const MaskRect& rect) const {
  const double width = mask_.width, height = mask_.height;
  return {rect.x / width, rect.y / height, rect.width / width, rect.height / height};
}

void PersonCrop::search(std::span<const float> mask) {
  frames_ = 0;
  const MaskRect people = find_people(mask);
  if (people.width == 0) return forget_people();
  const bool saw_all_at_once = part(0) == whole();
  is_group_ = stand_side_by_side(people);
  if (saw_all_at_once || !fits(people)) rect_ = around(people, kMargin);
}

bool PersonCrop::follow(std::span<const float> mask) {
  if (!is_on_ || part(0) == whole()) return false;
  const MaskRect people = find_people(mask);
  const bool lacks_people = people.width == 0 || reaches_edge(people);
  if (lacks_people && frames_ >= kLeastInterval) return true;
  if (people.width == 0) {
    forget_people();
  } else if (lacks_people) {
    rect_ = around(people, kMarginAtEdge);
  } else if (!fits(people)) {
    rect_ = around(people, kMargin);
  }
  return false;
}

// The box of all people; its width is 0 if there is nobody.
MaskRect PersonCrop::find_people(std::span<const float> mask) {
  const auto width = static_cast<std::size_t>(mask_.width);
  BACKDROP_ASSERT(mask.size() == width * static_cast<std::size_t>(mask_.height));
  std::ranges::fill(columns_, 0);
  int top = mask_.height, bottom = 0, total = 0;
  for (int y = 0; y < mask_.height; ++y) {
    const float* row = mask.data() + width * static_cast<std::size_t>(y);
    int pixels = 0;
    for (std::size_t x = 0; x < width; ++x) {
      const int is_person = row[x] > kPerson ? 1 : 0;
      columns_[x] += is_person;
      pixels += is_person;
    }
    total += pixels;
    if (pixels < kLeastPixels) continue;
    top = std::min(top, y);
    bottom = y + 1;
  }
  const auto counts = [](int pixels) { return pixels >= kLeastPixels; };
  const auto left = std::ranges::find_if(columns_, counts);
  if (left == columns_.end() || top >= bottom) return {};
  if (total < kLeastShare * static_cast<double>(mask.size())) return {};
  const auto right = std::find_if(columns_.rbegin(), columns_.rend(), counts).base();
  return {static_cast<int>(left - columns_.begin()), top, static_cast<int>(right - left),
          bottom - top};
}

bool PersonCrop::stand_side_by_side(const MaskRect& people) const {
  int width = people.width * answer_.height, height = people.height * answer_.width;
  if (lies_on_side_) std::swap(width, height);
  return width >= (is_group_ ? kGroupUntil : kGroupFrom) * height;
}

// Whether a side of the people's box is at the rectangle's, where the frame goes on.
bool PersonCrop::reaches_edge(const MaskRect& people) const {
  return (rect_.x > 0 && people.x < rect_.x + kPixelsAtEdge) ||
         (rect_.y > 0 && people.y < rect_.y + kPixelsAtEdge) ||
         (rect_.right() < mask_.width && people.right() > rect_.right() - kPixelsAtEdge) ||
         (rect_.bottom() < mask_.height && people.bottom() > rect_.bottom() - kPixelsAtEdge);
}

// Whether the rectangle can stay for these people.
bool PersonCrop::fits(const MaskRect& people) const {
  const double room = kLeastMargin * std::max(people.width, people.height);
  const bool holds = (rect_.x == 0 || people.x - room >= rect_.x) &&
                     (rect_.y == 0 || people.y - room >= rect_.y) &&
                     (rect_.right() == mask_.width || people.right() + room <= rect_.right()) &&
                     (rect_.bottom() == mask_.height || people.bottom() + room <= rect_.bottom());
  const MaskRect wanted = around(people, kMargin);
  return holds && std::max(wanted.width, wanted.height) >=
                      kLeastOfRect * std::max(rect_.width, rect_.height);
}

// The rectangle around the people's box in the network's shape, as far as the frame has room. One
// that is nearly as large as the network's answer gets the answer's size, so that the answer
// becomes the mask without being resampled.
MaskRect PersonCrop::around(const MaskRect& people, double margin) const {
  const double room = 2 * margin * std::max(people.width, people.height);
  const double shape = static_cast<double>(answer_.width) / answer_.height;
  double width = std::max(people.width + room, (people.height + room) * shape);
  if (width < answer_.width && width >= kSameFrom * answer_.width) width = answer_.width;
  MaskRect rect;
  rect.width = whole_pixels(width, mask_.width);
  rect.height = whole_pixels(width / shape, mask_.height);
  if (rect.width * static_cast<double>(rect.height) >=
      kWholeFrom * mask_.width * static_cast<double>(mask_.height)) {
    return whole();
  }
  rect.x = place(people.x + people.width / 2.0, rect.width, mask_.width);
  rect.y = place(people.y + people.height / 2.0, rect.height, mask_.height);
  return rect;
}

}  // namespace backdrop
