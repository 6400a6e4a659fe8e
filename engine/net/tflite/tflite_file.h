// A .tflite file as its bytes have it, before anything is made of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/error.h"
#include "flatbuffers/flatbuffers.h"
#undef ARG_MAX  // a macro of some C libraries, and an operation's name
#include "net/tflite/aligned_bytes.h"
#include "tflite_generated.h"

namespace backdrop {

template <typename T>
T load(const std::uint8_t* bytes, std::size_t index) {
  T value;
  std::memcpy(&value, bytes + index * sizeof(T), sizeof(T));
  return value;
}

// Every offset within it is good: the FlatBuffers verifier has seen to that. What the offsets and
// numbers mean is for its readers to check.
class TfliteFile {
 public:
  // `bytes` outlive the file. kModel if they are no .tflite model, kUnsupported from 2 GB on.
  static Result<TfliteFile> open(std::span<const std::uint8_t> bytes);

  const tflite::Model& model() const { return *tflite::GetModel(bytes_.get().data()); }

  // Whether what buffer() answers lies in the bytes that were opened, rather than in a copy.
  bool is_in_place() const { return bytes_.is_in_place(); }

  // What a buffer holds, wherever in the file it lies: nothing for one without data. kModel if
  // there is no such buffer, or not within the file.
  Result<std::span<const std::uint8_t>> buffer(std::uint32_t index) const;

 private:
  explicit TfliteFile(AlignedBytes bytes) : bytes_(std::move(bytes)) {}

  AlignedBytes bytes_;
};

}  // namespace backdrop
