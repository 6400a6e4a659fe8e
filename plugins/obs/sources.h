// The two kinds of filter.
#pragma once

#include <obs.h>

namespace backdrop::obs {

// For cameras and other sources whose frames OBS hands out in memory.
obs_source_info async_filter();

// For all others: their picture is read back from the GPU.
obs_source_info scene_filter();

}  // namespace backdrop::obs
