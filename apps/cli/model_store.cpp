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

std::vector<fs::path> model_folders() {
  std::vector<fs::path> folders;
  const char* list = std::getenv("BACKDROP_MODELS");
  for (const auto folder : std::views::split(std::string_view(list ? list : ""), ':')) {
    if (!folder.empty()) folders.emplace_back(folder.begin(), folder.end());
  }
  return folders;
}

[[noreturn]] void fail_not_installed(const CatalogueModel& model, const Installation& found) {
  const std::string where =
      "get it from " + std::string(model.source) + " and put its folder into BACKDROP_MODELS";
  if (found.path.empty()) {
    throw Failure(std::string(model.id) + ": " + std::string(model.file) + " is not installed; " +
                  where);
  }
  throw Failure(found.path + ": is not " + std::string(model.id) + " (its SHA-256 is another); " +
                where);
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

Model open_model(const std::string& choice) {
  const auto model = std::ranges::find(catalogue(), choice, &CatalogueModel::id);
  if (model != catalogue().end()) return open_catalogue_model(*model);
  const fs::path path = choice;
  std::error_code error;
  if (!path.has_parent_path() && path.extension() != ".tflite" && !fs::exists(path, error)) {
    throw WrongCall("unknown model '" + choice + "'; `backdrop models` lists them");
  }
  return open_file(choice);
}

Model open_default_model() {
  for (const CatalogueModel& model : catalogue()) {
    Installation found = find_installation(model);
    if (found.intact) return {std::string(model.id), std::move(found.bytes), &model};
  }
  throw Failure("no model is installed; `backdrop models` says where to get them");
}

}  // namespace backdrop::cli
