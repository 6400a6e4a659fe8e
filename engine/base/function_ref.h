// A reference to a function.
#pragma once

namespace backdrop {

// Does not own the function, which has to outlive it; std::function_ref of C++26.
template <typename... Arguments>
class FunctionRef {
 public:
  template <typename Function>
  explicit FunctionRef(const Function& function)
      : object_(&function), call_([](const void* object, Arguments... arguments) {
          (*static_cast<const Function*>(object))(arguments...);
        }) {}

  void operator()(Arguments... arguments) const { call_(object_, arguments...); }

 private:
  const void* object_;
  void (*call_)(const void*, Arguments...);
};

}  // namespace backdrop
