// The element's properties. They may be set by any thread, and while frames pass.
#pragma once

#include <mutex>

#include <gst/gst.h>

#include "settings.h"

namespace backdrop::gstreamer {

// Of which the element itself keeps the value.
inline constexpr guint kStatisticsProperty = 1;

// Adds all properties to the element's class.
void install_properties(GObjectClass* object_class);

class Properties {
 public:
  void set(guint id, const GValue* value);
  void get(guint id, GValue* value) const;

  Settings settings() const;
  EngineChoice engine_choice() const;
  bool needs_alpha() const;  // in the frames

 private:
  mutable std::mutex mutex_;
  Settings settings_;
  EngineChoice engine_choice_;
};

}  // namespace backdrop::gstreamer
