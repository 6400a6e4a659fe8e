// How a running virtual camera is told to change: a socket in the user's XDG_RUNTIME_DIR.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "descriptor.h"

namespace backdrop::cli {

// What is asked, and in whose folder: relative paths are that folder's.
struct CameraCall {
  std::string folder;
  std::vector<std::string> words;
};

// Answers calls. One camera of a name at a time.
class CameraControl {
 public:
  // Throws Failure: there is no folder for sockets, or a camera of this name runs.
  explicit CameraControl(const std::string& name);
  ~CameraControl();
  CameraControl(const CameraControl&) = delete;
  CameraControl& operator=(const CameraControl&) = delete;

  // Waits for a call, or for a signal, and sends what `answer` returns, or why it failed.
  void serve(const std::function<std::string(const CameraCall&)>& answer);

 private:
  std::string path_;
  std::optional<Descriptor> socket_;
};

// A model may have to be loaded.
inline constexpr std::chrono::seconds kLongestCall{30};

// Calls the camera `name`. Throws Failure: none runs, it is silent for longer than `patience`, or
// what it answered.
std::string call_camera(const std::string& name, const std::vector<std::string>& words,
                        std::chrono::seconds patience = kLongestCall);

// The names of all cameras that run.
std::vector<std::string> running_cameras();

}  // namespace backdrop::cli
