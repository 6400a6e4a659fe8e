// Finds models: in the folders of the environment variable BACKDROP_MODELS, then in backdrop/models
// of XDG_DATA_HOME (by default ~/.local/share), or by path.
#pragma once

#include <filesystem>
#include <string>

#include "catalogue.h"
#include "file.h"

namespace backdrop::cli {

struct Model {
  std::string name;  // a catalogue id, or else the path: for messages
  Bytes bytes;
  const CatalogueModel* known = nullptr;  // none for a file that the catalogue doesn't know
};

// The path of a catalogue model: the first file of its name with the right hash, else the first
// with a wrong one.
struct Installation {
  std::string path;  // empty when there is no file of its name
  bool intact = false;
  Bytes bytes;
};

Installation find_installation(const CatalogueModel& model);

// Throws WrongCall for an id that is not in the catalogue.
const CatalogueModel& find_model(const std::string& id);

// The folder for a new model: the first one that exists or can be made. Throws Failure.
std::filesystem::path make_model_folder();

// `choice` is a catalogue id or the path of a .tflite file. Throws WrongCall for a name that is
// neither, Failure for a model that is not installed.
Model open_model(const std::string& choice);

// The first model of the catalogue that is installed.
Model open_default_model();

}  // namespace backdrop::cli
