// A picture of crops at the person's edge, to look at.
#pragma once

#include <span>
#include <vector>

#include "engine_run.h"
#include "picture.h"
#include "scene.h"

namespace backdrop::quality {

// Square crops of one place.
struct ContactRow {
  cli::Picture frame;
  cli::Picture true_alpha;
  cli::Picture true_composite;
  cli::Picture alpha;
  cli::Picture composite;
};

// The topmost place of the true edge, the leftmost one and the rightmost one; none where there is
// no edge.
std::vector<ContactRow> contact_rows(const Output& output, const KnownFrame& known,
                                     const cli::Picture& new_background);

// One row of the sheet for each place: the frame, the true alpha and composite, and then for each
// of `settings` (whose places are the same) its alpha and composite. All groups go below each
// other.
class ContactSheet {
 public:
  void add(std::span<const std::vector<ContactRow>> settings);
  bool is_empty() const { return rows_.empty(); }
  cli::Picture draw() const;

 private:
  std::vector<std::vector<cli::Picture>> rows_;
};

}  // namespace backdrop::quality
