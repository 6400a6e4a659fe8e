#include "model_store.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <ranges>

#include "failure.h"
#include "sha256.h"

namespace backdrop::cli {
namespace {

namespace fs = std::filesystem;

// The folder for data of the user's own, by the XDG Base Directory Specification; empty where there
// is none.
fs::path data_home() {
  const char* chosen = std::getenv("XDG_DATA_HOME");
  if (chosen && fs::path(chosen).is_absolute()) return chosen;
  const char* home = std::getenv("HOME");
  return home && fs::path(home).is_absolute() ? fs::path(home) / ".local/share" : fs::path();
}

std::vector<fs::path> model_folders() {
  std::vector<fs::path> folders;
  const char* list = std::getenv("BACKDROP_MODELS");
  for (const auto folder : std::views::split(std::string_view(list ? list : ""), ':')) {
    if (!folder.empty()) folders.emplace_back(folder.begin(), folder.end());
  }
  if (const fs::path home = data_home(); !home.empty()) folders.push_back(home / "backdrop/models");
  return folders;
}

[[noreturn]] void fail_not_installed(const CatalogueModel& model, const Installation& found) {
  const std::string id(model.id);
  const std::string remedy = "; get it with: backdrop models get " + id;
  if (found.path.empty()) {
    throw Failure(id + ": " + std::string(model.file) + " is not installed" + remedy);
  }
  throw Failure(found.path + ": is not " + id + " (its SHA-256 is another)" + remedy);
}

Model open_catalogue_model(const CatalogueModel& model) {
  Installation found = find_installation(model);
  if (!found.intact) fail_not_installed(model, found);
  return {std::string(model.id), std::move(found.bytes), &model};
}

Model open_file(const std::string& path) {
  Model model{path, naming(path, [&] { return read_file(path); }), {}};
  const auto known = std::ranges::find(catalogue(), sha256(model.bytes), &CatalogueModel::sha256);
  if (known != catalogue().end()) model.known = &*known;
  return model;
}

}  // namespace

Installation find_installation(const CatalogueModel& model) {
  Installation damaged;
  for (const fs::path& folder : model_folders()) {
    const std::string path = folder / model.file;
    std::error_code error;
    if (!fs::is_regular_file(path, error)) continue;
    Bytes bytes = naming(path, [&] { return read_file(path); });
    if (sha256(bytes) == model.sha256) return {path, true, std::move(bytes)};
    if (damaged.path.empty()) damaged.path = path;
  }
  return damaged;
}

const CatalogueModel& find_model(const std::string& id) {
  const auto model = std::ranges::find(catalogue(), id, &CatalogueModel::id);
  if (model == catalogue().end()) {
    throw WrongCall("unknown model '" + id + "'; `backdrop models` lists them");
  }
  return *model;
}

fs::path make_model_folder() {
  std::string reason = "neither BACKDROP_MODELS nor HOME names a folder for models";
  for (const fs::path& folder : model_folders()) {
    std::error_code error;
    fs::create_directories(folder, error);
    std::error_code ignored;
    if (fs::is_directory(folder, ignored)) return folder;
    reason = folder.string() + ": " + error.message();
  }
  throw Failure(reason);
}

Model open_model(const std::string& choice) {
  const fs::path path = choice;
  std::error_code error;
  const bool is_path =
      path.has_parent_path() || path.extension() == ".tflite" || fs::exists(path, error);
  const bool is_id =
      std::ranges::find(catalogue(), choice, &CatalogueModel::id) != catalogue().end();
  return is_id || !is_path ? open_catalogue_model(find_model(choice)) : open_file(choice);
}

Model open_default_model() {
  for (const CatalogueModel& model : catalogue()) {
    Installation found = find_installation(model);
    if (found.intact) return {std::string(model.id), std::move(found.bytes), &model};
  }
  throw Failure("no model is installed; get one with: backdrop models get " +
                std::string(catalogue().front().id));
}

}  // namespace backdrop::cli
