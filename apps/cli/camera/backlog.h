// Which pictures of a live source are left out, so that what is shown does not lag behind.
#pragma once

#include <chrono>

namespace backdrop::cli {

// Where a picture takes longer than the next one is away, pictures wait at the source, more and
// more of them. When some in a row had waited, all that wait are left out: the next one that has to
// be waited for is the newest.
class Backlog {
 public:
  // `waited` is how long the picture had to be waited for. Whether it is to be left out.
  bool is_behind(std::chrono::microseconds waited);

 private:
  int ready_ = 0;  // pictures in a row that were there already
};

}  // namespace backdrop::cli
