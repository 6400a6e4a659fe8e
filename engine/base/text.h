// Texts made of parts.
#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace backdrop {

// Characters, which have to outlive it, or a whole number.
class TextPart {
 public:
  TextPart(const char* text) : TextPart(std::string_view(text)) {}
  TextPart(const std::string& text) : string_(&text), size_(kString) {}
  TextPart(std::string_view text) : text_(text.data()), size_(text.size()) {}
  template <std::integral Number>
  TextPart(Number number) : number_(static_cast<long long>(number)), size_(kNumber) {}

  void append_to(std::string& text) const;

 private:
  // Instead of a text's size.
  static constexpr std::size_t kNumber = std::string_view::npos;
  static constexpr std::size_t kString = kNumber - 1;

  union {
    const char* text_;
    const std::string* string_;
    long long number_;
  };
  std::size_t size_;
};

// The parts one after the other. Where it is called this takes less code than a chain of `+`, which
// makes and destroys a string at each.
std::string join(std::initializer_list<TextPart> parts);

}  // namespace backdrop
