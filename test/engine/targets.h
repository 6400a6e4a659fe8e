// Runs a test on each instruction set.
#pragma once

#include <gtest/gtest.h>

#include <functional>

#include "hwy/targets.h"
#include "support.h"

namespace backdrop::test {

inline void for_targets(const std::function<void()>& run) {
  for (const std::int64_t target : cases(hwy::SupportedAndGeneratedTargets())) {
    hwy::SetSupportedTargetsForTest(target);
    SCOPED_TRACE(hwy::TargetName(target));
    run();
  }
  hwy::SetSupportedTargetsForTest(0);
}

}  // namespace backdrop::test
