// How a viewer turns the frames, as tags say.
#pragma once

#include <optional>
#include <string_view>

#include <gst/gst.h>

namespace backdrop::gstreamer {

// As in backdrop_image.
struct Orientation {
  int rotation = 0;  // clockwise, degrees
  int flip = 0;      // 1: mirrored after that

  bool operator==(const Orientation&) const = default;
};

// Of the tag image-orientation: rotate-90, flip-rotate-180. None for other text.
std::optional<Orientation> parse_orientation(std::string_view text);

// What a stream's tags have said so far. A tag of the stream itself counts more than one of the
// whole file.
class OrientationTags {
 public:
  void add(GstEvent* tag_event);
  void clear() { *this = {}; }
  Orientation get() const { return of_stream_.value_or(of_file_.value_or(Orientation{})); }

 private:
  std::optional<Orientation> of_stream_, of_file_;
};

}  // namespace backdrop::gstreamer
