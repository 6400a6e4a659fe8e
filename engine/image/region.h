// A part of a picture.
#pragma once

namespace backdrop {

// A rectangle inside a picture, in shares of the picture's sides. The default is the whole picture.
struct Region {
  double left = 0;
  double top = 0;
  double width = 1;
  double height = 1;

  bool operator==(const Region&) const = default;
};

inline constexpr Region kNothing{0, 0, 0, 0};

}  // namespace backdrop
