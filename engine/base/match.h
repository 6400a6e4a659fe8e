// Choosing by the alternative that a variant holds.
#pragma once

#include <cstddef>
#include <variant>

namespace backdrop {

// A function made of lambdas, one for each type.
template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

// Calls function(alternative). Does not compile if the function lacks an alternative. As std::visit
// for a variant that is never valueless, but inlined: WebAssembly's modules stay smaller.
template <std::size_t kFirst = 0, typename Function, typename... Alternatives>
auto match(const std::variant<Alternatives...>& variant, const Function& function) {
  if constexpr (kFirst + 1 == sizeof...(Alternatives)) {
    return function(*std::get_if<kFirst>(&variant));
  } else {
    const auto* alternative = std::get_if<kFirst>(&variant);
    return alternative ? function(*alternative) : match<kFirst + 1>(variant, function);
  }
}

// Whether both hold the same alternative with the same value.
template <typename... Alternatives>
bool are_equal(const std::variant<Alternatives...>& a, const std::variant<Alternatives...>& b) {
  return match(a, [&]<typename T>(const T& value) {
    const T* other = std::get_if<T>(&b);
    return other && value == *other;
  });
}

}  // namespace backdrop
