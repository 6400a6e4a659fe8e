// Maps sizes in a file to sizes in the resized network.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace backdrop {

// The map of one axis: from a height (width) in the file to the new height (width) of the tensors
// that have it.
class ResizedExtents {
 public:
  static constexpr int kAmbiguous = 0;

  void note(int in_file, int now) {
    const auto entry = std::ranges::find(now_, in_file, &Extent::first);
    if (entry == now_.end()) {
      now_.emplace_back(in_file, now);
    } else if (entry->second != now) {
      entry->second = kAmbiguous;
    }
  }

  // The new size: kAmbiguous if tensors of this size in the file have several, nothing if there are
  // no such tensors.
  std::optional<int> find(int in_file) const {
    const auto entry = std::ranges::find(now_, in_file, &Extent::first);
    return entry == now_.end() ? std::nullopt : std::optional(entry->second);
  }

 private:
  using Extent = std::pair<int, int>;  // in the file; now
  std::vector<Extent> now_;            // few: a network has few sizes
};

}  // namespace backdrop
