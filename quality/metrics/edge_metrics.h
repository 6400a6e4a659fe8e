// Errors near the true edge, in levels of 255: 0 is perfect. NaN where there is no edge.
#pragma once

#include "image.h"
#include "metrics/edge.h"

namespace backdrop::quality {

inline constexpr int kEdgeReach = 12;  // pixels from the edge that count for alpha and composites
inline constexpr int kHaloReach = 24;  // pixels from the edge that count for the halo

// The pixels within kEdgeReach of the true edge.
PixelSet edge_band(const Image& truth);

// The pixels within kHaloReach of the true edge on which nothing of the person is.
PixelSet halo_band(const Image& truth);

// Mean absolute difference of alpha in the band, 0 to 255.
double edge_error(const Image& alpha, const Image& truth, const PixelSet& band);

// Mean absolute difference of all colour channels in the band, 0 to 255. In the edge band, of a
// composite with a picture that is not the room, this is the composite error. In the halo band, of
// the composite with the blurred room and of the true room, blurred without the person, it is the
// halo: what of the person, of the blur of the person's colours and of the sharp room is left
// there.
double color_error(const cli::Picture& colors, const Image& truth, const PixelSet& band);

}  // namespace backdrop::quality
