// libobs with the filter's module, a camera of the test's own, and a look at all that OBS puts out.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <obs.h>

#include "test_picture.h"

namespace backdrop::test {

struct SourceRelease {
  void operator()(obs_source_t* source) const { obs_source_release(source); }
};
using Source = std::unique_ptr<obs_source_t, SourceRelease>;

struct DataRelease {
  void operator()(obs_data_t* data) const { obs_data_release(data); }
};
using Data = std::unique_ptr<obs_data_t, DataRelease>;

// What is seen in one frame of OBS's output of kWidth x kHeight.
struct Sight {
  bool room = false;
  bool black = false;  // all of it
  Color person{};      // in the face
  Color beside{};      // at the left, where the room is in the picture
  bool beside_is_flat = false;
};

class ObsHost {
 public:
  ObsHost();  // see `problem`
  ~ObsHost();
  ObsHost(const ObsHost&) = delete;
  ObsHost& operator=(const ObsHost&) = delete;

  // Why OBS could not be started, or "".
  const std::string& problem() const { return problem_; }

  // From now on the source is what OBS puts out; null is nothing.
  void show(obs_source_t* source);

  // Calls `see` for each frame that OBS puts out from now on, until it returns true. False if it
  // did not within a minute.
  bool watch(const std::function<bool(const Sight&)>& see);

  // A camera that gives this frame again and again, 30 times a second.
  Source make_camera(std::shared_ptr<TestFrame> frame);
  static void set_frame(obs_source_t* camera, std::shared_ptr<TestFrame> frame);  // null: none

  // How often filters of the kind "test_effect" were drawn, which change nothing.
  static inline std::atomic<int> effects_drawn{0};

  // Everything that was destroyed is gone.
  static void settle();

 private:
  static void see_frame(void* host, video_data* frame);

  void* display_ = nullptr;
  std::string problem_;
  bool started_ = false;
  std::mutex mutex_;
  std::function<void(const Sight&)> see_;
};

}  // namespace backdrop::test
