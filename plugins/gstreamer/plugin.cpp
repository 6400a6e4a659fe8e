// What GStreamer looks for in libgstbackdrop.so.
#include <gst/gst.h>

#include "element.h"

#define PACKAGE "backdrop"

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, backdrop, "Virtual backgrounds",
                  gst_backdrop_register, BACKDROP_PLUGIN_VERSION, "Apache 2.0", PACKAGE,
                  "Unknown package origin")
