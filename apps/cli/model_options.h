// The options that say how a model is fed and read.
#pragma once

#include "commands.h"

namespace CLI {
class App;
}  // namespace CLI

namespace backdrop::cli {

void add_model_overrides(CLI::App& command, ModelOverrides& overrides);

}  // namespace backdrop::cli
