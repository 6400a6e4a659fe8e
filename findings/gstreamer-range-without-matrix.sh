#!/usr/bin/env bash
# Expected: caps of YUV that state the full range and leave the matrix open, `colorimetry=1:0:0:0`, are read as full
# range, with the default for the matrix alone.
# Behaviour: gst_video_info_from_caps succeeds, and gives all of the default: BT.601 or BT.709 of limited range. The
# range, primaries and transfer function that were stated are dropped with the matrix; GRAY8 keeps them. Whoever writes
# caps of full range has to state a matrix, too.
# Seen with GStreamer 1.22.0 (Debian 12: libgstreamer1.0-0 1.22.0-2+deb12u1, libgstreamer-plugins-base1.0-0
# 1.22.0-3+deb12u7):
#   I420 1:0:0:0 is bt601, limited
#   I420 1:0:5:1 is bt601, limited
#   I420 1:4:0:0 is 1:4:0:0, full
#   GRAY8 1:0:0:0 is 1:0:0:0, full
set -euo pipefail
folder=$(mktemp -d)
# shellcheck source=findings/packages.bash
source "$(dirname "$0")/packages.bash"
take_gstreamer
compile ranges "${gstreamer[@]}" <<'C'
#include <gst/video/video.h>
#include <stdio.h>
static void read(const char *format, const char *colorimetry) {
  GstCaps *caps =
      gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, format, "width", G_TYPE_INT, 320, "height",
                          G_TYPE_INT, 240, "colorimetry", G_TYPE_STRING, colorimetry, NULL);
  GstVideoInfo info;
  if (!gst_video_info_from_caps(&info, caps)) return;
  gboolean is_full = info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
  printf("%s %s is %s, %s\n", format, colorimetry, gst_video_colorimetry_to_string(&info.colorimetry),
         is_full ? "full" : "limited");
}
int main(void) {
  gst_init(NULL, NULL);
  read("I420", "1:0:0:0");
  read("I420", "1:0:5:1");
  read("I420", "1:4:0:0");
  read("GRAY8", "1:0:0:0");
}
C
hold "$(timeout 60 ./ranges)" 'I420 1:0:0:0 is bt601, limited' 'I420 1:0:5:1 is bt601, limited' \
  'I420 1:4:0:0 is 1:4:0:0, full' 'GRAY8 1:0:0:0 is 1:0:0:0, full'
