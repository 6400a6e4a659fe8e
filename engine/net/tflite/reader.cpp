#include "net/tflite/reader.h"

#include <string>

#include "net/tflite/importer.h"

namespace backdrop {
namespace {

constexpr int kMaxInputSize = 4096;

bool is_size(int value) { return value >= 1 && value <= kMaxInputSize; }

}  // namespace

Result<Graph> read_tflite(std::span<const std::uint8_t> bytes, std::optional<InputSize> input_size,
                          Weights weights, std::string_view output_name) {
  const TfliteFile file = BACKDROP_TRY(TfliteFile::open(bytes));
  if (input_size && (!is_size(input_size->width) || !is_size(input_size->height))) {
    return fail(ErrorCode::kArgument,
                {"the input's width and height must be from 1 to ", kMaxInputSize});
  }
  {
    // Errors of the file itself must not read like errors of resizing, so the file is imported at
    // its own size first.
    Importer importer(file, {}, weights, output_name);
    Result<Graph> graph = importer.import();
    if (!input_size || (!graph && !importer.input_is_open())) return graph;
    if (graph) {
      const Shape& input = graph->shape(graph->input);
      if (input.width == input_size->width && input.height == input_size->height) return graph;
    }
  }
  Result<Graph> resized = Importer(file, input_size, weights, output_name).import();
  if (!resized) {
    return fail(ErrorCode::kUnsupported,
                {"the network cannot be resized to ", input_size->width, "x", input_size->height,
                 ": ", resized.error().message()});
  }
  return resized;
}

}  // namespace backdrop
