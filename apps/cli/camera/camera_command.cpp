// A virtual camera: its parts put together, and how it is told to change.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "camera_arguments.h"
#include "camera_control.h"
#include "camera_feed.h"
#include "camera_output.h"
#include "camera_stage.h"
#include "camera_worker.h"
#include "failure.h"
#include "progress.h"
#include "temporary_file.h"
#include "v4l2_devices.h"

namespace backdrop::cli {
namespace {

constexpr std::pair kUsualSize{1280, 720};

// What running cameras write to, but for the one of this name and those that do not answer.
std::vector<std::string> outputs_of_others(const std::string& own_name) {
  std::vector<std::string> outputs;
  for (const std::string& name : running_cameras()) {
    if (name == own_name) continue;
    try {
      std::istringstream lines(call_camera(name, {"outputs"}, std::chrono::seconds(1)));
      for (std::string line; std::getline(lines, line);) outputs.push_back(line);
    } catch (const Failure&) {
      continue;
    }
  }
  return outputs;
}

bool is_output(const std::string& path, const std::vector<std::string>& outputs) {
  const dev_t device = device_number(path);
  return device != 0 && std::ranges::any_of(outputs, [&](const std::string& output) {
           return device_number(output) == device;
         });
}

// The devices that no camera of ours writes to: a program that takes one of those looks at itself.
std::vector<V4l2Device> find_sources(const std::string& name, std::vector<std::string> outputs) {
  std::ranges::copy(outputs_of_others(name), std::back_inserter(outputs));
  std::vector<V4l2Device> cameras = find_cameras();
  std::erase_if(cameras, [&](const V4l2Device& camera) { return is_output(camera.path, outputs); });
  return cameras;
}

// The first camera, which may have to be waited for.
std::string first_source(const std::string& name, const std::vector<std::string>& outputs) {
  const std::vector<V4l2Device> cameras = find_sources(name, outputs);
  if (cameras.empty()) throw Failure("there is none; --from names another source");
  return cameras.front().path;
}

class VirtualCamera {
 public:
  VirtualCamera(const CameraArguments& arguments, ParseChanges parse)
      : parse_(std::move(parse)),
        outputs_(arguments.outputs.empty() ? std::vector<std::string>{"pipewire"}
                                           : arguments.outputs),
        control_(arguments.name),
        feed_(arguments.size.value_or(kUsualSize).first,
              arguments.size.value_or(kUsualSize).second),
        stage_(arguments, feed_.width(), feed_.height(), progress_),
        worker_(
            feed_, stage_,
            {.from = arguments.from.value_or(""),
             .size = std::pair(feed_.width(), feed_.height()),
             .rate = arguments.rate},
            [name = arguments.name, this] { return first_source(name, outputs_); },
            arguments.is_always_open, progress_) {
    if (arguments.from && is_output(*arguments.from, outputs_)) {
      throw WrongCall(*arguments.from + ": is the output, so it can't be the source");
    }
    for (const std::string& output : outputs_) open_output(output, arguments);
  }

  // Before the outputs, which it tells of pictures, the worker ends.
  ~VirtualCamera() { worker_.end(); }
  VirtualCamera(const VirtualCamera&) = delete;
  VirtualCamera& operator=(const VirtualCamera&) = delete;

  // Until a signal or a call ends it.
  void run() {
    worker_.start();
    while (!is_ending_ && !EndingSignals::was_asked_to_end()) {
      control_.serve([this](const CameraCall& call) { return answer(call); });
    }
  }

 private:
  void open_output(const std::string& name, const CameraArguments& arguments) {
    const auto watch = [this, number = opened_.size()](bool is_watched) {
      worker_.watch(number, is_watched);
    };
    if (name == "pipewire") {
      std::string label = arguments.name;
      label.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(label.front())));
      opened_.push_back(
          make_pipewire_output(feed_, {arguments.name, label}, arguments.rate, watch));
    } else {
      opened_.push_back(make_v4l2_output(feed_, name, arguments.rate, watch));
    }
  }

  std::string answer(const CameraCall& call) {
    const std::string verb = call.words.empty() ? std::string() : call.words.front();
    if (verb == "status") {
      std::string text = worker_.state() + "\n";
      for (const auto& output : opened_) text += output->state() + "\n";
      return text;
    }
    if (verb == "outputs") {
      std::string text;
      for (const std::string& output : outputs_) text += output + "\n";
      return text;
    }
    if (verb == "stop") {
      is_ending_ = true;
      return {};
    }
    if (verb != "set") throw Failure("'" + verb + "' is no call");
    worker_.change(parse_({call.words.begin() + 1, call.words.end()}, call.folder));
    return {};
  }

  ParseChanges parse_;
  EndingSignals signals_{EndingSignals::Manner::kGently};
  Progress progress_;
  std::vector<std::string> outputs_;
  CameraControl control_;
  CameraFeed feed_;
  CameraStage stage_;
  CameraWorker worker_;
  std::vector<std::unique_ptr<CameraOutput>> opened_;  // go first: they tell the worker who looks
  bool is_ending_ = false;
};

}  // namespace

void run_camera(const CameraArguments& arguments, const ParseChanges& parse) {
  VirtualCamera(arguments, parse).run();
}

void list_cameras() {
  for (const V4l2Device& camera : find_sources("", {})) {
    std::printf("%s  %s\n", camera.path.c_str(), camera.name.c_str());
  }
}

void change_camera(const std::string& name, const std::vector<std::string>& words) {
  std::vector<std::string> call{"set"};
  call.insert(call.end(), words.begin(), words.end());
  call_camera(name, call);
}

void show_camera(const std::string& name) {
  std::fputs(call_camera(name, {"status"}).c_str(), stdout);
}

void stop_camera(const std::string& name) { call_camera(name, {"stop"}); }

}  // namespace backdrop::cli
