#include "platform/clock.h"

namespace backdrop {

extern "C" __attribute__((import_module("backdrop"), import_name("now"))) double backdrop_now();

double now_ms() { return backdrop_now(); }

}  // namespace backdrop
