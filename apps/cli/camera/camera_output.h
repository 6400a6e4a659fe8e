// Where a virtual camera's pictures go.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "camera_feed.h"

namespace backdrop::cli {

// Hands out what a feed shows, on a thread of its own: it never waits for the camera or the engine,
// and comes back by itself when what it writes to was gone.
class CameraOutput {
 public:
  // Told when somebody begins to look, and when nobody does any more; from any thread.
  using Watch = std::function<void(bool)>;

  CameraOutput() = default;
  virtual ~CameraOutput() = default;
  CameraOutput(const CameraOutput&) = delete;
  CameraOutput& operator=(const CameraOutput&) = delete;

  // One line for people, such as "PipeWire: 2 readers, I420 1280x720".
  virtual std::string state() const = 0;
};

struct OutputNames {
  std::string node;   // by which programs remember it
  std::string label;  // for people
};

// A camera that programs find by PipeWire. Throws Failure in a build without it.
std::unique_ptr<CameraOutput> make_pipewire_output(CameraFeed& feed, const OutputNames& names,
                                                   int rate, CameraOutput::Watch watch);

// A device of v4l2loopback. Throws Failure for a path that can't be one.
std::unique_ptr<CameraOutput> make_v4l2_output(CameraFeed& feed, const std::string& path, int rate,
                                               CameraOutput::Watch watch);

}  // namespace backdrop::cli
