// The GStreamer element `backdrop`.
//
// It fails closed: where the engine gives no frame, a blank one leaves, and a warning says why,
// once a run. Only background=none lets frames through as they came.
#pragma once

#include <gst/video/gstvideofilter.h>

namespace backdrop::gstreamer {
struct Element;
}

struct GstBackdrop {
  GstVideoFilter parent;
  backdrop::gstreamer::Element* element;
};

struct GstBackdropClass {
  GstVideoFilterClass parent;
};

GType gst_backdrop_get_type();

// Makes the element known by its name: to a plugin, or to the program where that is null.
gboolean gst_backdrop_register(GstPlugin* plugin);
