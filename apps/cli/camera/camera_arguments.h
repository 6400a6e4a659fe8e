// What a virtual camera is asked to do. All throw Failure or WrongCall.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "commands.h"

namespace backdrop::cli {

// A part of the camera's picture, in shares of its sides, 0 to 1.
struct CameraCrop {
  float x = 0;
  float y = 0;
  float width = 1;
  float height = 1;
};

// What can be changed while a camera runs; what is not there stays as it is.
struct CameraChanges {
  std::optional<Background> background{};
  std::optional<std::string> model{};  // a catalogue id or a path
  std::optional<bool> only_front{};
  std::optional<bool> is_mirrored{};
  std::optional<int> rotation{};  // clockwise: 0, 90, 180 or 270
  std::optional<CameraCrop> crop{};
};

struct CameraArguments {
  std::string name = "backdrop";            // of which there is one at a time
  std::optional<std::string> from;          // else the first camera
  std::vector<std::string> outputs;         // "pipewire" or a device; none: PipeWire
  std::optional<std::pair<int, int>> size;  // else the camera's
  int rate = 30;
  bool is_always_open = false;  // the camera, although nobody looks
  ModelArguments model;
  CameraChanges settings;
};

// Reads changes from the words of a call; relative paths are those of `folder`. Throws WrongCall.
using ParseChanges =
    std::function<CameraChanges(const std::vector<std::string>& words, const std::string& folder)>;

// Runs until a signal or stop_camera() ends it.
void run_camera(const CameraArguments& arguments, const ParseChanges& parse);

void list_cameras();

// Changes the running camera `name`.
void change_camera(const std::string& name, const std::vector<std::string>& words);
void show_camera(const std::string& name);
void stop_camera(const std::string& name);

}  // namespace backdrop::cli
