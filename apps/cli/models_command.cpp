#include <cstdio>

#include "commands.h"
#include "model_store.h"

namespace backdrop::cli {
namespace {

const char* describe(int output) {
  return output == BACKDROP_OUTPUT_LOGITS ? "logits of background and person"
                                              : "probability of a person";
}

std::string describe(const Installation& found) {
  if (found.path.empty()) return "no";
  return (found.intact ? "yes, " : "no, the SHA-256 is wrong: ") + found.path;
}

void row(const char* title, std::string_view text) {
  std::printf("  %-10s %.*s\n", title, static_cast<int>(text.size()), text.data());
}

void print(const CatalogueModel& model) {
  std::printf("%.*s\n", static_cast<int>(model.id.size()), model.id.data());
  row("title", model.title);
  row("file", model.file);
  std::printf("  %-10s %dx%d pixels, RGB from %g to %g\n", "input", model.input_width,
              model.input_height, static_cast<double>(model.options.input_min),
              static_cast<double>(model.options.input_max));
  row("output", describe(model.options.output));
  row("licence", model.licence);
  row("from", model.source);
  row("installed", describe(find_installation(model)));
}

}  // namespace

void list_models() {
  for (const CatalogueModel& model : catalogue()) {
    if (&model != catalogue().data()) std::putchar('\n');
    print(model);
  }
}

}  // namespace backdrop::cli
