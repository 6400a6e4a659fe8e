// Where models are found: in the folders of the environment variable BACKDROP_MODELS, after them in
// backdrop/models of XDG_DATA_HOME (~/.local/share where that is not set), or by path.
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

// The place of a catalogue model: the first file of its name whose hash is right, or, when there is
// none, the first whose hash is wrong.
struct Installation {
  std::string path;  // empty when there is no file of its name
  bool intact = false;
  Bytes bytes;
};

Installation find_installation(const CatalogueModel& model);

// Throws WrongCall for an id that is not in the catalogue.
const CatalogueModel& find_model(const std::string& id);

// Where a model is put: the first of the folders that is there or can be made. Throws Failure.
std::filesystem::path make_model_folder();

// `choice` is a catalogue id or the path of a .tflite file. Throws WrongCall for a name that is
// neither, Failure for a model that is not installed.
Model open_model(const std::string& choice);

// The first model of the catalogue that is installed.
Model open_default_model();

}  // namespace backdrop::cli
