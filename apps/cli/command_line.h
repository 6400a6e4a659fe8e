// The command line as a CLI::App: what the arguments are parsed with, and what the manual pages and
// the completion are made of.
#pragma once

namespace CLI {
class App;
}  // namespace CLI

namespace backdrop::cli {

// Parsing runs the command that the arguments name.
void describe_command_line(CLI::App& app);

}  // namespace backdrop::cli
