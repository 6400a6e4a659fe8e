// Stands in for pipewire_output.cpp in a build without PipeWire.
#include "camera_output.h"
#include "failure.h"

namespace backdrop::cli {

std::unique_ptr<CameraOutput> make_pipewire_output(
    CameraFeed& /*feed*/, const OutputNames& /*names*/, int /*rate*/,
    CameraOutput::Watch /*watch*/) {  // NOLINT(performance-unnecessary-value-param)
  throw Failure(
      "PipeWire: this build is without it; build with its library (Debian: libpipewire-0.3-dev), "
      "or name a device with --to");
}

}  // namespace backdrop::cli
