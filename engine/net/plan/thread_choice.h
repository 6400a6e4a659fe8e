// Whether a network's runs are faster with all threads or with one.
#pragma once

#include "base/recent_median.h"

namespace backdrop {

// Threads that wait for one another are slower than one where a core is busy with something else.
// Begins with all; now and then tries the other way, and changes to it if it takes clearly less.
// Has no clock: the caller measures. The result of a run does not depend on the threads.
class ThreadChoice {
 public:
  // Runs from one trial to the next.
  static constexpr int kPatience = 60;
  // Of the time before, at most this share has to be left.
  static constexpr double kGain = 0.9;

  // Whether the next run has all threads.
  bool has_all() const { return is_trial_ ? !chose_all_ : chose_all_; }

  // The milliseconds that this run took.
  void add(double time);

 private:
  void try_other(double time);

  bool chose_all_ = true;
  bool is_trial_ = false;
  int runs_ = 0;                 // since the latest trial
  RecentMedian chosen_, other_;  // times
};

}  // namespace backdrop
