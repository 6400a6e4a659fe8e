// The command `backdrop camera`.
#pragma once

namespace CLI {
class App;
}  // namespace CLI

namespace backdrop::cli {

void add_camera(CLI::App& app);

}  // namespace backdrop::cli
