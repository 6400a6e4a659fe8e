#include "net/tflite/tflite_file.h"

#include <string>

namespace backdrop {

Result<TfliteFile> TfliteFile::open(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return fail(ErrorCode::kModel, "the model is empty");
  if (bytes.size() >= FLATBUFFERS_MAX_BUFFER_SIZE) {
    return fail(ErrorCode::kUnsupported, "the model has 2 GB or more");
  }
  if (bytes.size() < 8 || !tflite::ModelBufferHasIdentifier(bytes.data())) {
    return fail(ErrorCode::kModel, "not a .tflite model: the identifier TFL3 is missing");
  }
  TfliteFile file{AlignedBytes(bytes)};
  flatbuffers::Verifier verifier(file.bytes_.get().data(), bytes.size());
  if (!tflite::VerifyModelBuffer(verifier)) {
    return fail(ErrorCode::kModel, "the model is damaged or truncated");
  }
  return file;
}

Result<std::span<const std::uint8_t>> TfliteFile::buffer(std::uint32_t index) const {
  const auto* buffers = model().buffers();
  if (buffers == nullptr || index >= buffers->size()) {
    return fail(ErrorCode::kModel, {"buffer ", index, " is missing"});
  }
  const tflite::Buffer& buffer = *buffers->Get(index);
  const auto* data = buffer.data();
  if (data != nullptr && data->size() > 0) return std::span(data->data(), data->size());
  if (buffer.offset() <= 1) return std::span<const std::uint8_t>();
  const std::span<const std::uint8_t> file = bytes_.get();
  if (buffer.offset() > file.size() || buffer.size() > file.size() - buffer.offset()) {
    return fail(ErrorCode::kModel, {"buffer ", index, " lies outside of the file"});
  }
  return file.subspan(static_cast<std::size_t>(buffer.offset()),
                      static_cast<std::size_t>(buffer.size()));
}

}  // namespace backdrop
