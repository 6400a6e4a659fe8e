// What is written of the commands.
#pragma once

#include <ostream>
#include <string>

#include "command.h"

namespace backdrop::cli::manual {

// The page of `command`, which is `all` or a subcommand of it, for man.
void write_page(std::ostream& out, const Command& command, const Command& all,
                const std::string& version);

// What completes the command in each shell.
void write_bash(std::ostream& out, const Command& all);
void write_zsh(std::ostream& out, const Command& all);
void write_fish(std::ostream& out, const Command& all);

}  // namespace backdrop::cli::manual
