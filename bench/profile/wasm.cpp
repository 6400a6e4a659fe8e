// Profiles a network inside a WebAssembly module made for this benchmark. The module imports a
// clock.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "profile.h"
#include "base/executor.h"

namespace {

std::string answer;

}  // namespace

extern "C" {

[[clang::export_name("allocate")]] void* allocate(std::size_t size) { return std::malloc(size); }

// The profile in JSON, or one sentence with the model's error. Valid until the next call.
[[clang::export_name("profile")]] const char* profile(const std::uint8_t* tflite, std::size_t size,
                                                      std::size_t rounds) {
  backdrop::SerialExecutor executor;
  const auto network =
      backdrop::Network::create({tflite, size}, executor, {}, {}, backdrop::Precision::kAuto);
  if (!network) {
    answer = network.error().message();
  } else {
    answer = backdrop::to_json(backdrop::profile(**network, rounds));
  }
  return answer.c_str();
}

}  // extern "C"
