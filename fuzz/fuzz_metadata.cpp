// Reads metadata and labels from any bytes.
#include <cstddef>
#include <cstdint>

#include "net/tflite/metadata.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  backdrop::read_metadata({data, size});
  return 0;
}
