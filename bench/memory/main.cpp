// Prints the memory that a loaded model holds: `backdrop_memory MODEL.tflite`. Needs Linux and
// glibc.
#include <malloc.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "backdrop/backdrop.h"

namespace {

// Currently allocated bytes.
double allocated() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<double>(info.uordblks) + static_cast<double>(info.hblkhd);
}

// The program's largest resident size so far, in bytes. VmHWM starts anew with each program;
// getrusage() also counts the process that started this one.
double peak() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kilobytes = 0;
    if (word == "VmHWM:" && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

// Allocates exactly the file's size, so that the measured peak is the engine's alone.
std::vector<std::uint8_t> read_whole(const char* path) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(path, failed);
  if (failed) return {};
  std::vector<std::uint8_t> bytes(size);
  std::ifstream(path, std::ios::binary)
      .read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  return bytes;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: backdrop_memory MODEL.tflite\n");
    return 2;
  }
  const std::vector<std::uint8_t> model = read_whole(arguments[1]);
  const double allocated_before = allocated();
  const double peak_before = peak();
  const std::unique_ptr<backdrop_engine, void (*)(backdrop_engine*)> engine(backdrop_create(1),
                                                                            backdrop_destroy);
  float* input = nullptr;
  const float* output = nullptr;  // whose place the engine finds with the first frame, or here
  if (backdrop_load_model(engine.get(), model.data(), model.size(), nullptr) != BACKDROP_OK ||
      backdrop_get_tensors(engine.get(), &input, &output) != BACKDROP_OK) {
    std::fprintf(stderr, "%s: %s\n", arguments[1], backdrop_last_error(engine.get()));
    return 1;
  }
  std::printf("{\"file\": %zu, \"held\": %.0f, \"peak\": %.0f}\n", model.size(),
              allocated() - allocated_before, peak() - peak_before);
  return 0;
}
