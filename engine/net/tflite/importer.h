// Imports the network of a .tflite file as a Graph.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "net/graph/graph.h"
#include "net/tflite/ends.h"
#include "net/tflite/operation_import.h"

namespace backdrop {

// Imports one network; to be used once. Operations are imported in the file's order.
class Importer {
 public:
  // Without an `output_name` the output is chosen by its shape.
  Importer(const TfliteFile& file, std::optional<InputSize> input_size, Weights weights,
           std::string_view output_name)
      : op_(file, input_size), weights_(weights), output_name_(output_name) {}

  Result<Graph> import();

  // Valid after import(): whether the file leaves the input's height or width open (dynamic).
  bool input_is_open() const { return op_.input_is_open; }

 private:
  Result<void> open();
  Result<void> check_supported() const;
  Result<void> import_tensor(TensorId id);
  Result<void> import_constant(TensorId id);
  Result<void> choose_ends();
  Result<void> check_open_input();
  static std::unexpected<Error> missing_end();
  Result<void> import_operator();
  Result<void> import_output();
  void fit_input();
  Result<Shape> read_shape(TensorId id) const;
  const tflite::OperatorCode& code_of(const tflite::Operator& op) const;

  OperationImport op_;
  Weights weights_;
  std::string_view output_name_;
  bool channels_first_ = false;  // of the input
  Needed needed_;
};

}  // namespace backdrop
