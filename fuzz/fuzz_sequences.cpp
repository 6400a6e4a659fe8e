// Calls of the C API in any order, on the CPU.
#include "sequence.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  backdrop::fuzz::run_sequence(data, size, backdrop::fuzz::Renderers::kCpu);
  return 0;
}
