// Calls of the C API in any order, on the CPU and with OpenGL. Without an OpenGL context those of
// the CPU alone.
#include "sequence.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  backdrop::fuzz::run_sequence(data, size, backdrop::fuzz::Renderers::kCpuAndGpu);
  return 0;
}
