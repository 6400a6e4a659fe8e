// Where the time of a run goes.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "backdrop/backdrop.h"

namespace backdrop::cli {

// Milliseconds of all frames together. Each field is written by one thread at a time.
struct VideoStatistics {
  double wall = 0;
  double decode = 0;   // reading and decoding, without waiting for what comes after
  double convert = 0;  // of pixels, before and after the engine
  double engine = 0;
  double encode = 0;            // turning, encoding and writing
  backdrop_statistics parts{};  // of the engine, in sum
  std::int64_t frames = 0;
  std::int64_t shown_again = 0;  // could not be processed
  std::int64_t damaged = 0;
  std::int64_t bytes = 0;

  std::string json() const;
};

class Stopwatch {
 public:
  explicit Stopwatch(double& total) : total_(total) {}
  ~Stopwatch() {
    total_ += std::chrono::duration<double, std::milli>(Clock::now() - start_).count();
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  double& total_;
  Clock::time_point start_ = Clock::now();
};

}  // namespace backdrop::cli
