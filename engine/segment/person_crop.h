// Which part of the frame the network looks at.
#pragma once

#include <span>
#include <vector>

#include "image/mask.h"
#include "image/region.h"

namespace backdrop {

// A rectangle of a mask, in pixels of the mask.
struct MaskRect {
  int x = 0, y = 0;
  int width = 0, height = 0;

  int right() const { return x + width; }
  int bottom() const { return y + height; }
  bool operator==(const MaskRect&) const = default;
};

// The size of a mask of a whole frame of width x height pixels, in which the largest rectangle in
// the shape of `answer`, the network's, has the answer's size. For a frame so thin that the mask
// would have more than four times as many pixels as the answer: the answer's size.
MaskSize whole_frame_mask(int width, int height, MaskSize answer);

// Follows the people of the masks: the network sees a rectangle in its own shape around all of
// them, with a margin, in place of the frame squeezed into that shape. Whoever is outside of the
// rectangle is background until the next search, for which the network sees the whole frame: about
// once a second, while there is nobody, and when people reach the rectangle's edge. The rectangle
// stays as long as it fits the people, so that the mask does not swim.
//
// People side by side would be squeezed, as the frame ends before the rectangle has the network's
// shape: the network sees two overlapping parts of the rectangle, one after the other.
class PersonCrop {
 public:
  // For masks of the size `mask` and a network whose answer has the size `answer`, both as the
  // frame is stored, in which people stand upright or, if it `lies_on_side`, do not. Unless `is_on`
  // the network sees all frames whole. Nobody is known yet.
  void prepare(MaskSize mask, MaskSize answer, bool lies_on_side, bool is_on);

  // Nobody is known any more.
  void reset();

  // What the network is to see of the next frame: the whole if nobody is known.
  const MaskRect& rect() const { return rect_; }
  // It sees part(0), then part(1), which is the same unless people stand side by side. Both overlap
  // and make up rect().
  MaskRect part(int number) const;
  MaskRect whole() const { return {0, 0, mask_.width, mask_.height}; }
  bool is_whole() const { return rect_ == whole(); }
  Region region_of(const MaskRect& rect) const;

  // Counts a frame since the last search.
  void count_frame() { ++frames_; }
  // Whether the network has to see the whole frame first.
  bool is_search_due() const {
    return is_on_ && (part(0) == whole() || frames_ >= kSearchInterval);
  }

  // Takes the mask of a frame that the network has seen whole. rect() is then what it is to see of
  // the same frame.
  void search(std::span<const float> mask);

  // Takes the mask of a frame of which the network has seen rect(), and sets rect() for the next
  // frame. True if the mask may lack somebody, so that the same frame is to be searched: people
  // reach the rectangle's edge, or nobody is left in it. That is so at most every fifth frame.
  bool follow(std::span<const float> mask);

 private:
  // Frames from search to search: about a second.
  static constexpr int kSearchInterval = 30;
  // At least so many for other reasons, so that one who always reaches the edge costs little.
  static constexpr int kLeastInterval = 5;

  void forget_people();
  MaskRect find_people(std::span<const float> mask);
  bool stand_side_by_side(const MaskRect& people) const;
  bool fits(const MaskRect& people) const;
  bool reaches_edge(const MaskRect& people) const;
  MaskRect around(const MaskRect& people, double margin) const;

  bool is_on_ = false;
  bool lies_on_side_ = false;
  MaskSize mask_, answer_;
  MaskRect rect_;
  bool is_group_ = false;     // people stood side by side at the last search
  int frames_ = 0;            // since the last search
  std::vector<int> columns_;  // pixels of people in each
};

}  // namespace backdrop
