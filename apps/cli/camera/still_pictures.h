// Pictures that stand in for a camera's.
#pragma once

#include "av.h"

namespace backdrop::cli {

// A dark card with the sign of a camera that is off; I420.
FramePtr draw_card(int width, int height);

// A heavily blurred copy of an I420 picture, by which a viewer sees that it stands still.
FramePtr blur_still(const AVFrame& picture);

}  // namespace backdrop::cli
