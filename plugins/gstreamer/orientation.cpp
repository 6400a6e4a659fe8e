#include "orientation.h"

#include <memory>

namespace backdrop::gstreamer {

std::optional<Orientation> parse_orientation(std::string_view text) {
  constexpr std::string_view kFlip = "flip-", kRotate = "rotate-";
  const bool flips = text.starts_with(kFlip);
  if (flips) text.remove_prefix(kFlip.size());
  if (!text.starts_with(kRotate)) return std::nullopt;
  text.remove_prefix(kRotate.size());
  for (const auto& [name, degrees] : {std::pair{"0", 0}, {"90", 90}, {"180", 180}, {"270", 270}}) {
    if (text != name) continue;
    // GStreamer mirrors first, the engine last: the other way round.
    return Orientation{flips ? (360 - degrees) % 360 : degrees, flips ? 1 : 0};
  }
  return std::nullopt;
}

void OrientationTags::add(GstEvent* tag_event) {
  GstTagList* tags = nullptr;
  gst_event_parse_tag(tag_event, &tags);
  char* text = nullptr;
  if (!gst_tag_list_get_string(tags, GST_TAG_IMAGE_ORIENTATION, &text)) return;
  const std::unique_ptr<char, decltype(&g_free)> owned(text, &g_free);
  const bool is_of_file = gst_tag_list_get_scope(tags) == GST_TAG_SCOPE_GLOBAL;
  if (const auto orientation = parse_orientation(text)) {
    (is_of_file ? of_file_ : of_stream_) = orientation;
  }
}

}  // namespace backdrop::gstreamer
