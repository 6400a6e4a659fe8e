// A virtual camera: its parts put together, and how it is told to change.
#include <algorithm>
#include <cstdio>
#include <memory>
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

bool is_output(const std::string& path, const std::vector<std::string>& outputs) {
  const dev_t device = device_number(path);
  return device != 0 && std::ranges::any_of(outputs, [&](const std::string& output) {
           return device_number(output) == device;
         });
}

// Never what this camera writes to.
std::string choose_source(const CameraArguments& arguments,
                          const std::vector<std::string>& outputs) {
  if (arguments.from) {
    if (is_output(*arguments.from, outputs)) {
      throw WrongCall(*arguments.from + ": is the output, so it can't be the source");
    }
    return *arguments.from;
  }
  for (const V4l2Device& camera : find_cameras()) {
    if (!is_output(camera.path, outputs)) return camera.path;
  }
  throw Failure("there is no camera; name another source with --from");
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
        worker_(feed_, stage_,
                {.from = choose_source(arguments, outputs_),
                 .size = std::pair(feed_.width(), feed_.height()),
                 .rate = arguments.rate},
                arguments.is_always_open, progress_) {
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
  for (const V4l2Device& camera : find_cameras()) {
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
