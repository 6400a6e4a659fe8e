// Memory that can't be mapped, as that of a device that is gone.
#pragma once

#include <gst/gst.h>

namespace backdrop::gstreamer::test {

GstBuffer* make_unmappable_buffer(gsize size);

}  // namespace backdrop::gstreamer::test
