// The thread that reads the camera and composites its pictures, while somebody looks.
#pragma once

#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "camera_feed.h"
#include "camera_input.h"
#include "camera_stage.h"
#include "progress.h"

namespace backdrop::cli {

class CameraWorker {
 public:
  // Finds a source where none is requested. Throws Failure.
  using FindSource = std::function<std::string()>;

  CameraWorker(CameraFeed& feed, CameraStage& stage, CameraRequest request, FindSource find_source,
               bool is_always_open, Progress& progress);
  ~CameraWorker() { end(); }
  CameraWorker(const CameraWorker&) = delete;
  CameraWorker& operator=(const CameraWorker&) = delete;

  void start();
  // From now on nothing is shown. Waits for the camera, but no longer than kLongestSilence.
  void end();

  // Tells whether somebody looks at the output of this number; from any thread.
  void watch(std::size_t output, bool is_watched);

  // Waits until the change is made. Throws Failure or WrongCall if it can't be.
  void change(const CameraChanges& changes);

  // Lines for people.
  std::string state() const;

 private:
  using Clock = std::chrono::steady_clock;

  struct Change {
    CameraChanges changes;
    std::promise<void> made;
  };

  void run(const std::stop_token& stop);
  bool is_wanted() const;  // with the mutex
  void make_changes();
  void show_pictures(const std::stop_token& stop);
  void show(const AVFrame& frame, const Orientation& orientation);
  void fail(const std::string& reason);
  void say(std::string text);
  std::string source_name() const { return request_.from.empty() ? "camera" : request_.from; }

  CameraFeed& feed_;
  CameraStage& stage_;
  CameraRequest request_;
  FindSource find_source_;
  bool is_always_open_;
  Progress& progress_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<bool> watched_;
  Clock::time_point left_at_;  // when the last one stopped looking
  std::vector<Change> changes_;
  std::string state_;
  std::string failure_;      // that was told last
  double milliseconds_ = 0;  // that a picture takes in the stage, smoothed
  std::uint64_t pictures_ = 0;
  std::jthread thread_;
};

}  // namespace backdrop::cli
