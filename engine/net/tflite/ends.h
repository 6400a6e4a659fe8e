// The ends of the network in a file: which of its inputs and outputs is what.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/tflite/operation_import.h"

namespace backdrop {

// The network to run: that of the signature `serving_default`, else the first.
const tflite::SubGraph* main_network(const tflite::Model& model);

// The sides of a tensor that may be a picture or a mask, with its channels as the last of three. A
// side that is left open is long.
std::optional<Shape> sides_of(const OperationImport& op, TensorId id);

// The index of the input that takes the picture: the first with the sides of a picture in colour,
// else the first with those of a grey one or one with alpha, else the first.
std::size_t find_picture(const OperationImport& op);

// The index of the output that is called `name`, in a signature or in the file. Without a name, of
// the output with the proportions of `input`, a picture with its channels last, that has the fewest
// channels; the first of several.
Result<std::size_t> find_mask(const OperationImport& op, const Shape& input, std::string_view name);

// What the network's output is called: as in a signature, else as in the file.
std::string output_name(const OperationImport& op, std::size_t index);

// The operations, and the tensors that they read and write, that these tensors depend on.
struct Needed {
  std::vector<bool> operations;
  std::vector<bool> tensors;
};
Needed find_needed(const OperationImport& op, std::span<const TensorId> results);

// Pairs each input that the mask needs beside the picture with an output of the same shape and
// type: in the file's order with those that are not the mask, and one that is left with the mask.
Result<std::vector<State>> find_states(const OperationImport& op, TensorId picture, TensorId mask);

// All inputs and outputs by name, shape and type.
std::string list_ends(const OperationImport& op);

}  // namespace backdrop
