#!/usr/bin/env bash
# Expected: gst_video_frame_map gives a frame of the size that the caps state; GstVideoMeta says only where its planes
# lie.
# Behaviour: the frame has the width and height of the buffer's GstVideoMeta, where that is larger, while its size in
# bytes stays that of the caps. Who loops over a frame's width takes the padding along: the width of the caps is the
# picture's.
# Seen with GStreamer 1.22.0 (Debian 12: libgstreamer1.0-0 1.22.0-2+deb12u1, libgstreamer-plugins-base1.0-0
# 1.22.0-3+deb12u7):
#   without meta: 8x8, stride 8, 64 bytes
#   with meta of 16x12: 16x12, stride 16, 64 bytes
set -euo pipefail
folder=$(mktemp -d)
# shellcheck source=findings/packages.bash
source "$(dirname "$0")/packages.bash"
take_gstreamer
compile sizes "${gstreamer[@]}" <<'C'
#include <gst/video/video.h>
#include <stdio.h>
static void map(const char *name, GstBuffer *buffer) {
  GstVideoInfo info;
  GstVideoFrame frame;
  gst_video_info_set_format(&info, GST_VIDEO_FORMAT_GRAY8, 8, 8);
  if (!gst_video_frame_map(&frame, &info, buffer, GST_MAP_READ)) return;
  printf("%s: %dx%d, stride %d, %zu bytes\n", name, GST_VIDEO_FRAME_WIDTH(&frame), GST_VIDEO_FRAME_HEIGHT(&frame),
         GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0), GST_VIDEO_FRAME_SIZE(&frame));
  gst_video_frame_unmap(&frame);
}
int main(void) {
  gst_init(NULL, NULL);
  map("without meta", gst_buffer_new_allocate(NULL, 8 * 8, NULL));
  GstBuffer *padded = gst_buffer_new_allocate(NULL, 16 * 12, NULL);
  gst_buffer_add_video_meta(padded, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_GRAY8, 16, 12);
  map("with meta of 16x12", padded);
}
C
hold "$(timeout 60 ./sizes)" 'without meta: 8x8, stride 8, 64 bytes' 'with meta of 16x12: 16x12, stride 16, 64 bytes'
