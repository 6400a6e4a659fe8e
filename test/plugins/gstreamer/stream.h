// An element in a GstHarness, with a network that finds red people.
#pragma once

#include <string>

#include <gst/check/gstharness.h>
#include <gst/gst.h>

#include "scene.h"

namespace backdrop::gstreamer::test {

// The path of the network's file.
const std::string& model_path();

// A file of the tests' folder, which goes at the end.
std::string temporary_path(const std::string& name);

class Stream {
 public:
  Stream();
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  GstElement* element() const { return harness_->element; }
  GstHarness* harness() const { return harness_; }

  template <typename... Arguments>
  void set(const char* property, Arguments... values) {
    g_object_set(element(), property, values..., nullptr);
  }

  void set_caps(const std::string& caps) { gst_harness_set_src_caps_str(harness_, caps.c_str()); }
  void set_caps(const GstVideoInfo& info);

  // Gives the buffer its time, a thirtieth of a second after the one before, and pushes it.
  GstFlowReturn push(GstBuffer* buffer);

  // What came out first; null if nothing is there.
  GstBuffer* pull() { return gst_harness_try_pull(harness_); }

  // Pushes the scene's frame, and gives what came out.
  GstBuffer* process(const GstVideoInfo& info, const Scene& scene, int padding = 0);

  // A count of the property `stats`.
  guint64 count(const char* name) const;

  // The messages of this kind since the last call: their texts, each in a line.
  std::string messages(GstMessageType type);

 private:
  GstHarness* harness_;
  GstBus* bus_;
  GstClockTime time_ = 0;
};

}  // namespace backdrop::gstreamer::test
