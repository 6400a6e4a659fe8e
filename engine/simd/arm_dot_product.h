// Whether this processor has Armv8.2's dot product. Highway's target for NEON does not tell.
#pragma once

#if defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace backdrop {

inline bool has_arm_dot_product() {
#if defined(__ARM_FEATURE_DOTPROD)
  return true;  // the whole program is compiled for such processors, as for Apple's
#elif defined(__aarch64__) && defined(__linux__)
  return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
#else
  return false;
#endif
}

}  // namespace backdrop
