#include "last_good_frame.h"

#include "failure.h"

namespace backdrop::cli {

FramePtr LastGoodFrame::process(const AVFrame& frame, const Process& work) {
  constexpr int kMostInARow = 100;
  try {
    FramePtr done = work(frame);
    good_ = share(*done);
    failures_in_a_row_ = 0;
    return done;
  } catch (const Failure& failure) {
    if (!good_ || ++failures_in_a_row_ == kMostInARow) throw;
    ++failures_;
    reason_ = failure.what();
    FramePtr again = share(*good_);
    copy_properties(frame, *again);
    again->color_range = good_->color_range;
    again->colorspace = good_->colorspace;
    return again;
  }
}

}  // namespace backdrop::cli
