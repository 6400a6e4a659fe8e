#include <cstdlib>

#include <gst/gst.h>
#include <gtest/gtest.h>

#include "element.h"

// The element is a part of this program, and no plugin: a plugin with sanitizers can't be loaded by
// GStreamer's scanner.
int main(int argc, char** argv) {
  // GLib leaks its table of names when that grows: of all installed plugins only those are known
  // that the tests use.
  setenv("GST_PLUGIN_SYSTEM_PATH_1_0", BACKDROP_GST_FOLDER "/plugins", 1);
  setenv("GST_PLUGIN_PATH_1_0", "", 1);
  setenv("GST_REGISTRY", BACKDROP_GST_FOLDER "/registry.bin", 1);
  setenv("GST_TRACERS", "leaks", 1);  // for the tests that ask it
  setenv("G_DEBUG", "fatal-criticals", 1);
  testing::InitGoogleTest(&argc, argv);
  if (GTEST_FLAG_GET(list_tests)) return RUN_ALL_TESTS();
  gst_init(&argc, &argv);
  gst_backdrop_register(nullptr);
  const int status = RUN_ALL_TESTS();
  gst_deinit();
  return status;
}
