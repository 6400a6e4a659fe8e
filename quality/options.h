// What `./run quality` is told.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model_store.h"
#include "scene.h"
#include "settings.h"

namespace backdrop::quality {

struct Options {
  std::vector<const Sequence*> sequences;
  std::vector<cli::Model> models;
  std::vector<const Setting*> settings;
  int takes = 3;  // of each sequence
  Film film{};
  std::filesystem::path people;
  std::filesystem::path backgrounds;
  std::filesystem::path photos{};  // empty: none are measured
  std::string json{};              // empty: not written
  std::string contact{};           // empty: not drawn
  unsigned threads = 1;
};

// Throws CLI::Success after --help, which is answered here, another CLI::ParseError, WrongCall for
// a name that is unknown, Failure where no model is installed.
Options parse_options(int argc, char** argv);

}  // namespace backdrop::quality
