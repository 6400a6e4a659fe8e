// What is shown where a frame can't be processed.
#pragma once

#include <functional>
#include <string>

#include "av.h"

namespace backdrop::cli {

// Shows the latest frame that could be processed in place of one that can't be. The first one has
// to be.
class LastGoodFrame {
 public:
  using Process = std::function<FramePtr(const AVFrame&)>;

  // Throws Failure for the first frame, and when nothing has succeeded for long.
  FramePtr process(const AVFrame& frame, const Process& work);

  int failures() const { return failures_; }
  const std::string& reason() const { return reason_; }

 private:
  FramePtr good_;
  int failures_ = 0;
  int failures_in_a_row_ = 0;
  std::string reason_;
};

}  // namespace backdrop::cli
