// The options that say how a model is fed and read.
#pragma once

#include <CLI/CLI.hpp>

#include "commands.h"

namespace backdrop::cli {

void add_model_overrides(CLI::App& command, ModelOverrides& overrides);

}  // namespace backdrop::cli
