#!/usr/bin/env bash
# Expected: an element that derives from GstVideoFilter and overrides GstBaseTransform's transform() has that called
# for each buffer.
# Behaviour: without a transform_frame(), GstVideoFilter sets the element to work in place: transform() is never called,
# and buffers leave as they came, with GST_FLOW_OK. It is called if the class sets transform_ip to NULL, which
# GstVideoFilter has filled in.
# Seen with GStreamer 1.22.0 (Debian 12: libgstreamer1.0-0 1.22.0-2+deb12u1, libgstreamer-plugins-base1.0-0
# 1.22.0-3+deb12u7), frames of zeros and a transform() that writes 255:
#   transform() alone: 0 calls, ok, 0 comes out
#   transform_ip NULL: 1 calls, ok, 255 comes out
set -euo pipefail
folder=$(mktemp -d)
# shellcheck source=findings/packages.bash
source "$(dirname "$0")/packages.bash"
take_gstreamer
compile filters "${gstreamer[@]}" <<'C'
#include <gst/check/gstharness.h>
#include <gst/video/gstvideofilter.h>
#include <stdio.h>
#define CAPS "video/x-raw,format=GRAY8,width=8,height=8,framerate=30/1"
static int calls;
static GstFlowReturn transform(GstBaseTransform *self, GstBuffer *in, GstBuffer *out) {
  ++calls;
  gst_buffer_memset(out, 0, 255, 8 * 8);
  return GST_FLOW_OK;
}
typedef GstVideoFilter Alone, InPlaceNull;
typedef GstVideoFilterClass AloneClass, InPlaceNullClass;
G_DEFINE_TYPE(Alone, alone, GST_TYPE_VIDEO_FILTER)
G_DEFINE_TYPE(InPlaceNull, in_place_null, GST_TYPE_VIDEO_FILTER)
static void alone_init(Alone *self) {}
static void in_place_null_init(InPlaceNull *self) {}
static void alone_class_init(GstVideoFilterClass *type) {
  GstCaps *caps = gst_caps_from_string(CAPS);
  GstElementClass *element = GST_ELEMENT_CLASS(type);
  gst_element_class_add_pad_template(element, gst_pad_template_new("sink", GST_PAD_SINK, GST_PAD_ALWAYS, caps));
  gst_element_class_add_pad_template(element, gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, caps));
  gst_element_class_set_metadata(element, "Filter", "Filter", "Filter", "Filter");
  GST_BASE_TRANSFORM_CLASS(type)->transform = transform;
}
static void in_place_null_class_init(GstVideoFilterClass *type) {
  alone_class_init(type);
  GST_BASE_TRANSFORM_CLASS(type)->transform_ip = NULL;
}
static void filter(const char *name, GType type) {
  GstHarness *harness = gst_harness_new_with_element(g_object_new(type, NULL), "sink", "src");
  gst_harness_set_src_caps_str(harness, CAPS);
  GstBuffer *frame = gst_buffer_new_allocate(NULL, 8 * 8, NULL);
  gst_buffer_memset(frame, 0, 0, 8 * 8);
  calls = 0;
  GstFlowReturn flow = gst_harness_push(harness, frame);
  guint8 pixel = 1;
  gst_buffer_extract(gst_harness_pull(harness), 0, &pixel, 1);
  printf("%s: %d calls, %s, %d comes out\n", name, calls, gst_flow_get_name(flow), pixel);
}
int main(void) {
  gst_init(NULL, NULL);
  filter("transform() alone", alone_get_type());
  filter("transform_ip NULL", in_place_null_get_type());
}
C
hold "$(timeout 60 ./filters)" 'transform\(\) alone: 0 calls, ok, 0 comes out' \
  'transform_ip NULL: 1 calls, ok, 255 comes out'
