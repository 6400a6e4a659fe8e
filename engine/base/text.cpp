#include "base/text.h"

#include <array>

namespace backdrop {

void TextPart::append_to(std::string& text) const {
  if (size_ == kString) {
    text += *string_;
    return;
  }
  if (size_ != kNumber) {
    text.append(text_, size_);
    return;
  }
  // Not std::to_string(), which brings a table.
  std::array<char, 20> digits{};
  auto first = digits.end();
  auto rest = number_ < 0 ? 0 - static_cast<unsigned long long>(number_)
                          : static_cast<unsigned long long>(number_);
  for (; rest > 0 || first == digits.end(); rest /= 10) {
    *--first = static_cast<char>('0' + rest % 10);
  }
  if (number_ < 0) *--first = '-';
  text.append(first, digits.end());
}

std::string join(std::initializer_list<TextPart> parts) {
  std::string text;
  for (const TextPart& part : parts) part.append_to(text);
  return text;
}

}  // namespace backdrop
