// The command `backdrop camera`.
#pragma once

#include <CLI/CLI.hpp>

namespace backdrop::cli {

void add_camera(CLI::App& app);

}  // namespace backdrop::cli
