// The filter's properties, as OBS keeps and shows them.
#pragma once

#include <string>

#include <obs.h>

#include "settings.h"

namespace backdrop::obs {

void set_defaults(obs_data_t* data);

// Values out of range are brought into it.
Settings read_settings(obs_data_t* data);

// What OBS shows. `reason` says why the filter shows nothing, or is "".
obs_properties_t* make_properties(const std::string& reason);

}  // namespace backdrop::obs
