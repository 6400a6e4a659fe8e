#include <algorithm>
#include <cstdint>
#include <cstdio>

#include "commands.h"
#include "download.h"
#include "model_store.h"
#include "output_kinds.h"
#include "progress.h"

namespace backdrop::cli {
namespace {

const char* describe_output(std::int32_t output) {
  const auto* const found = std::ranges::find(kOutputKinds, output, &OutputKindWords::kind);
  return found == kOutputKinds.end() ? "as the file says" : found->description;
}

std::string describe(const CatalogueModel& model, const Installation& found) {
  const std::string remedy = "; get it with: backdrop models get " + std::string(model.id);
  if (found.path.empty()) return "no" + remedy;
  if (!found.intact) return "no, the SHA-256 is wrong: " + found.path + remedy;
  return "yes, " + found.path;
}

bool is_kept(const CatalogueModel& model, std::size_t number) {
  return (model.options.classes.bits[number / 32] >> number % 32 & 1) != 0;
}

void row(const char* title, std::string_view text) {
  std::printf("  %-10s %.*s\n", title, static_cast<int>(text.size()), text.data());
}

void print_classes(const CatalogueModel& model) {
  std::string all;
  std::string kept;
  const auto append = [](std::string& list, std::string_view name) {
    list.append(list.empty() ? "" : ", ").append(name);
  };
  for (std::size_t number = 0; number < model.class_names.size(); ++number) {
    append(all, model.class_names[number]);
    if (is_kept(model, number)) append(kept, model.class_names[number]);
  }
  if (all.empty()) return;
  row("classes", all);
  row("kept", kept);
}

void print(const CatalogueModel& model) {
  std::printf("%.*s\n", static_cast<int>(model.id.size()), model.id.data());
  row("title", model.title);
  row("file", model.file);
  std::printf("  %-10s %dx%d pixels, RGB from %g to %g\n", "input", model.input_width,
              model.input_height, static_cast<double>(model.options.input_min),
              static_cast<double>(model.options.input_max));
  row("output", describe_output(model.options.output));
  print_classes(model);
  row("licence", model.licence);
  row("from", model.source);
  row("installed", describe(model, find_installation(model)));
}

std::string in_megabytes(std::int64_t bytes) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.1f MB", static_cast<double>(bytes) / 1e6);
  return text.data();
}

std::string describe(const DownloadState& state) {
  const std::string amount = state.total > 0 ? std::to_string(100 * state.bytes / state.total) +
                                                   "% of " + in_megabytes(state.total)
                                             : in_megabytes(state.bytes);
  return amount + ", " + in_megabytes(state.bytes_per_second) + "/s";
}

}  // namespace

void list_models() {
  for (const CatalogueModel& model : catalogue()) {
    if (&model != catalogue().data()) std::putchar('\n');
    print(model);
  }
}

void get_model(const std::string& id) {
  const CatalogueModel& model = find_model(id);
  if (const Installation found = find_installation(model); found.intact) {
    std::printf("%s is installed: %s\n", id.c_str(), found.path.c_str());
    return;
  }
  const std::filesystem::path path = make_model_folder() / model.file;
  {
    Progress progress;
    progress.stage(id + ": connecting");
    download(model.url, path, model.sha256,
             [&](const DownloadState& state) { progress.stage(id + ": " + describe(state)); });
  }
  std::printf("%s is downloaded, its SHA-256 is right: %s\n", id.c_str(), path.c_str());
}

}  // namespace backdrop::cli
