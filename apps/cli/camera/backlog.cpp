#include "backlog.h"

namespace backdrop::cli {

bool Backlog::is_behind(std::chrono::microseconds waited) {
  constexpr std::chrono::milliseconds kLeastWait{2};  // what is there takes less to be read
  constexpr int kMostShown = 2;
  constexpr int kMostLeftOut = 300;  // of a source that has always more
  if (waited >= kLeastWait || ready_ == kMostShown + kMostLeftOut) {
    ready_ = 0;
    return false;
  }
  return ++ready_ > kMostShown;
}

}  // namespace backdrop::cli
