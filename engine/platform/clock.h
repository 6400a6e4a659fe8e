// Time, for the statistics.
#pragma once

namespace backdrop {

// Milliseconds since a fixed moment.
double now_ms();

}  // namespace backdrop
