// Reports the progress of a long run.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace backdrop::cli {

// Shows the latest stage in one line on the standard error, from a second after construction on,
// and clears the line at the end. Shows nothing unless the standard error is a terminal.
class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // What goes on from now, as in "writing matte.png".
  void stage(std::string text);

  // Says something in a line that stays.
  void note(const std::string& text);

 private:
  void show(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::string text_;
  std::jthread thread_;
};

}  // namespace backdrop::cli
