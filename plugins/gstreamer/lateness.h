// Which frames come too late for the sink, as its QOS events say.
#pragma once

#include <mutex>

#include <gst/gst.h>

namespace backdrop::gstreamer {

// The sink's thread reports, the streaming thread asks.
class Lateness {
 public:
  // A frame of this running time came `jitter` late, or early if that is negative: all frames that
  // lie before the time at which it came are late.
  void report(GstClockTime running_time, GstClockTimeDiff jitter) {
    const std::scoped_lock lock(mutex_);
    const bool is_early = jitter < 0 && static_cast<GstClockTime>(-jitter) > running_time;
    shown_ = is_early ? 0 : running_time + static_cast<GstClockTime>(jitter);
  }

  bool is_late(GstClockTime running_time) const {
    const std::scoped_lock lock(mutex_);
    return GST_CLOCK_TIME_IS_VALID(running_time) && running_time < shown_;
  }

  void clear() {
    const std::scoped_lock lock(mutex_);
    shown_ = 0;
  }

 private:
  mutable std::mutex mutex_;
  GstClockTime shown_ = 0;  // the running time that the sink had reached
};

}  // namespace backdrop::gstreamer
