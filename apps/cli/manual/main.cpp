// Writes the manual pages and the completion for shells into a folder: FOLDER/man1/backdrop*.1,
// FOLDER/backdrop.bash, FOLDER/_backdrop for zsh and FOLDER/backdrop.fish.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "backdrop/backdrop.h"
#include "command_line.h"
#include "writers.h"

namespace backdrop::cli::manual {
namespace {

std::ofstream create(const std::filesystem::path& path) {
  std::ofstream out;
  out.exceptions(std::ios::failbit | std::ios::badbit);
  out.open(path);
  return out;
}

void write_pages(const std::filesystem::path& folder, const Command& all) {
  std::filesystem::create_directories(folder);
  const auto write = [&](const Command& command) {
    std::string name = command.name;
    std::ranges::replace(name, ' ', '-');
    std::ofstream out = create(folder / (name + ".1"));
    write_page(out, command, all, backdrop_version());
  };
  write(all);
  for (const Command& command : all.subcommands) write(command);
}

void write_all(const std::filesystem::path& folder) {
  CLI::App app;
  describe_command_line(app);
  const Command all = describe(app);
  write_pages(folder / "man1", all);
  std::ofstream bash = create(folder / "backdrop.bash");
  write_bash(bash, all);
  std::ofstream zsh = create(folder / "_backdrop");
  write_zsh(zsh, all);
  std::ofstream fish = create(folder / "backdrop.fish");
  write_fish(fish, all);
}

}  // namespace
}  // namespace backdrop::cli::manual

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "backdrop_manual is called as: backdrop_manual FOLDER\n");
    return 2;
  }
  try {
    backdrop::cli::manual::write_all(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "backdrop_manual: %s: %s\n", argv[1], error.what());
    return 1;
  }
  return 0;
}
