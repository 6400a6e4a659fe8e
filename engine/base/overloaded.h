// Visitors for std::visit, made of lambdas.
#pragma once

namespace backdrop {

// Calls the function that takes the argument's type. If an alternative of a variant has none,
// std::visit does not compile.
template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

}  // namespace backdrop
