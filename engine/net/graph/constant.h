// The values of a constant tensor.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace backdrop {

// Float32 values that a tensor owns, or a view of the caller's memory, such as a file's bytes. A
// view spares a copy of the weights before they are packed.
class Constant {
 public:
  Constant() = default;
  Constant(std::vector<float> values) : own_(std::move(values)), view_(own_) {}  // NOLINT
  static Constant view(std::span<const float> values) {
    Constant constant;
    constant.view_ = values;
    return constant;
  }

  Constant(const Constant& other) : own_(other.own_), view_(other.owns() ? own_ : other.view_) {}
  Constant(Constant&& other) noexcept : own_(std::move(other.own_)), view_(other.view_) {
    other.clear();
  }
  Constant& operator=(Constant other) noexcept {
    own_ = std::move(other.own_);
    view_ = other.view_;
    return *this;
  }
  ~Constant() = default;

  bool empty() const { return view_.empty(); }
  std::size_t size() const { return view_.size(); }
  std::span<const float> values() const { return view_; }
  float operator[](std::size_t index) const { return view_[index]; }

  // A copy of the values.
  std::vector<float> copy() const { return {view_.begin(), view_.end()}; }

  // Returns the values and empties the constant. Owned values are moved, viewed values copied.
  std::vector<float> take() {
    std::vector<float> values = owns() ? std::move(own_) : copy();
    clear();
    return values;
  }

  // Copies viewed values, so that the constant may outlive the caller's memory.
  void own() {
    if (!owns()) *this = Constant(take());
  }

  void clear() {
    own_ = {};
    view_ = {};
  }

 private:
  bool owns() const { return own_.data() == view_.data(); }

  std::vector<float> own_;
  std::span<const float> view_;
};

}  // namespace backdrop
