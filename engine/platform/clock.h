// Time, for the statistics.
#pragma once

namespace backdrop {

// Milliseconds since some fixed moment.
double now_ms();

}  // namespace backdrop
