// How well a person's mask, where alpha is one half or more, lies on the true one.
#pragma once

#include "image.h"

namespace backdrop::quality {

// Intersection over union (Jaccard index), 0 to 1; 1 is perfect. NaN where nobody is there.
double iou(const Image& alpha, const Image& truth);

// Boundary F-score (Csurka et al. 2013; as in DAVIS, Perazzi et al. 2016), in percent; 100 is
// perfect. NaN where the true mask has no outline. Precision and recall are the shares of an
// outline's pixels that lie within 3 pixels of the other outline.
double boundary_f_score(const Image& alpha, const Image& truth);

}  // namespace backdrop::quality
