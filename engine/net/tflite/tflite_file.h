// Access to a .tflite file's tables and buffers.
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

// A file whose offsets are verified to be in range. Readers must check the meaning of all numbers.
class TfliteFile {
 public:
  // `bytes` must outlive the file. Errors: kModel if `bytes` are no .tflite model, kUnsupported
  // from 2 GB on.
  static Result<TfliteFile> open(std::span<const std::uint8_t> bytes);

  const tflite::Model& model() const { return *tflite::GetModel(bytes_.get().data()); }

  // Whether buffer() returns views of the bytes passed to open() rather than of a copy.
  bool is_in_place() const { return bytes_.is_in_place(); }

  // A buffer's data, stored inside the FlatBuffer or behind it; empty if the buffer has no data.
  // kModel if the buffer does not exist or extends past the file.
  Result<std::span<const std::uint8_t>> buffer(std::uint32_t index) const;

 private:
  explicit TfliteFile(AlignedBytes bytes) : bytes_(std::move(bytes)) {}

  AlignedBytes bytes_;
};

}  // namespace backdrop
