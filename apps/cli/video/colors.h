// What the values of a video's pixels mean.
#pragma once

#include "av.h"
#include "backdrop/backdrop.h"

namespace backdrop::cli {

// As tagged; what is not tagged stays so in the output, and is assumed here.
struct VideoColors {
  bool is_bt709 = false;  // else BT.601
  bool is_full_range = false;

  backdrop_color_space color_space() const;
  bool operator==(const VideoColors&) const = default;
};

bool is_rgb(AVPixelFormat format);
bool has_alpha(AVPixelFormat format);

// Of a frame, or of what is made of a frame of RGB. Throws Failure for colours that would come out
// wrong.
VideoColors colors_of(const AVFrame& frame);

// Without the letter J, which some formats have for full range.
AVPixelFormat without_range(AVPixelFormat format);

// Tags a frame that was made of RGB.
void tag(AVFrame& frame, const VideoColors& colors);

}  // namespace backdrop::cli
