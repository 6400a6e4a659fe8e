// Stands in for the other files of this folder in a build without FFmpeg's libraries.
#include "camera_arguments.h"
#include "failure.h"

namespace backdrop::cli {
namespace {

[[noreturn]] void refuse() {
  throw Failure(
      "camera: this build is without it; build with FFmpeg's libraries (Debian: libavdevice-dev "
      "libavformat-dev libavcodec-dev libswscale-dev)");
}

}  // namespace

void run_camera(const CameraArguments& /*arguments*/, const ParseChanges& /*parse*/) { refuse(); }
void list_cameras() { refuse(); }
void change_camera(const std::string& /*name*/, const std::vector<std::string>& /*words*/) {
  refuse();
}
void show_camera(const std::string& /*name*/) { refuse(); }
void stop_camera(const std::string& /*name*/) { refuse(); }

}  // namespace backdrop::cli
