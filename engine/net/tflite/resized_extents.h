// Maps sizes in a file to sizes in the resized network.
#pragma once

#include <map>
#include <optional>

namespace backdrop {

// The map of one axis: from a height (width) in the file to the new height (width) of the tensors
// that have it.
class ResizedExtents {
 public:
  static constexpr int kAmbiguous = 0;

  void note(int in_file, int now) {
    const auto [entry, is_new] = now_.try_emplace(in_file, now);
    if (entry->second != now) entry->second = kAmbiguous;
  }

  // The new size: kAmbiguous if tensors of this size in the file have several, nothing if there are
  // no such tensors.
  std::optional<int> find(int in_file) const {
    const auto entry = now_.find(in_file);
    return entry == now_.end() ? std::nullopt : std::optional(entry->second);
  }

 private:
  std::map<int, int> now_;
};

}  // namespace backdrop
