// What sizes that a file writes down stand for in a network planned for another input size.
#pragma once

#include <map>
#include <optional>

namespace backdrop {

// Of one axis: a height (width) in the file stands for that which tensors of this height have now.
class ResizedExtents {
 public:
  static constexpr int kAmbiguous = 0;

  void note(int in_file, int now) {
    const auto [entry, is_new] = now_.try_emplace(in_file, now);
    if (entry->second != now) entry->second = kAmbiguous;
  }

  // kAmbiguous where tensors of one size in the file have several now, nothing where none had it.
  std::optional<int> find(int in_file) const {
    const auto entry = now_.find(in_file);
    return entry == now_.end() ? std::nullopt : std::optional(entry->second);
  }

 private:
  std::map<int, int> now_;
};

}  // namespace backdrop
