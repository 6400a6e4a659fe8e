// Tells a waiting person what a long run is doing.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace backdrop::cli {

// Shows its latest stage in one line on the standard error, from a second after its making on, and
// takes the line away at the end. It shows nothing where that is no terminal.
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
