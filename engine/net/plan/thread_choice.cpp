#include "net/plan/thread_choice.h"

#include <utility>

namespace backdrop {

void ThreadChoice::add(double time) {
  if (is_trial_) return try_other(time);
  chosen_.add(time);
  if (++runs_ < kPatience) return;
  runs_ = 0;
  is_trial_ = true;
  other_ = {};
}

// Mostly ends with the first run, so that a trial costs little.
void ThreadChoice::try_other(double time) {
  other_.add(time);
  const double most = kGain * chosen_.value();
  if (time <= most && !other_.full()) return;
  is_trial_ = false;
  if (!other_.full() || other_.value() > most) return;
  chose_all_ = !chose_all_;
  std::swap(chosen_, other_);
}

}  // namespace backdrop
