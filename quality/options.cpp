#include "options.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <thread>

#include "catalogue.h"
#include "failure.h"

namespace backdrop::quality {
namespace {

// Names as they are given on the command line.
struct Names {
  std::vector<std::string> sequences{"still"};
  std::vector<std::string> models;  // none: usual_models()
  std::vector<std::string> settings{"all"};
};

template <typename Row>
std::string list_of(std::span<const Row> rows) {
  std::string text;
  for (const Row& row : rows) {
    text += "\n  " + std::string(row.name) + ": " + std::string(row.description);
  }
  return text;
}

std::string explanations() {
  return "Sequences:" + list_of(sequences()) + "\n\nSettings:" + list_of(settings());
}

template <typename Row>
std::vector<const Row*> find_rows(const char* option, const std::vector<std::string>& names,
                                  std::span<const Row> rows) {
  std::vector<const Row*> found;
  for (const Row& row : rows) {
    if (names.front() == "all") found.push_back(&row);
  }
  for (const std::string& name : names) {
    if (name == "all") continue;
    const auto row = std::ranges::find(rows, name, &Row::name);
    if (row == rows.end()) {
      throw cli::WrongCall(std::string(option) + ": there is no '" + name + "'; --help lists them");
    }
    if (std::ranges::find(found, &*row) == found.end()) found.push_back(&*row);
  }
  return found;
}

// The networks of the catalogue that are installed, each once: some were packaged again in 2023.
std::vector<cli::Model> usual_models() {
  std::vector<cli::Model> models;
  for (const CatalogueModel& model : catalogue()) {
    if (model.id.ends_with("-2023")) continue;
    cli::Installation found = cli::find_installation(model);
    if (found.intact) models.push_back({std::string(model.id), std::move(found.bytes), &model});
  }
  if (models.empty()) models.push_back(cli::open_default_model());  // which says what to do
  return models;
}

void add_material_options(CLI::App& app, Options& options) {
  app.add_option("--people", options.people, "Folder of people, RGBA, in PNG")->type_name("FOLDER");
  app.add_option("--backgrounds", options.backgrounds, "Folder of backgrounds, PNG or JPEG")
      ->type_name("FOLDER");
  app.add_option("--photos", options.photos,
                 "Folder of photos, STEM.jpg, with masks, STEM.png; sequences are\n"
                 "then measured only where --sequences asks for them")
      ->type_name("FOLDER");
}

void add_film_options(CLI::App& app, Options& options) {
  Film& film = options.film;
  app.add_option("--takes", options.takes,
                 "Takes of each sequence, with other people and rooms (3)")
      ->check(CLI::Range(1, 1000).description(""))
      ->type_name("N");
  app.add_option("--seconds", film.seconds, "Length of a take (6; sitting-still has 60)")
      ->check(CLI::Range(0.1, 3600.0).description(""))
      ->type_name("S");
  app.add_option("--measured", film.measured, "How much of its end is measured (2)")
      ->check(CLI::Range(0.1, 3600.0).description(""))
      ->type_name("S");
  app.add_option("--width", film.width, "Pixels (1280)")
      ->check(CLI::Range(16, 3840).description(""))
      ->type_name("W");
  app.add_option("--height", film.height, "Pixels (720)")
      ->check(CLI::Range(16, 2160).description(""))
      ->type_name("H");
  app.add_option("--fps", film.fps, "Frames a second (30)")
      ->check(CLI::Range(1, 240).description(""))
      ->type_name("N");
  app.add_option("--noise", film.noise, "The camera's, standard deviation in levels of 255 (3)")
      ->check(CLI::Range(0.0, 50.0).description(""))
      ->type_name("LEVELS");
  app.add_option("--seed", film.seed, "Of the noise (1)")->type_name("N");
}

void add_output_options(CLI::App& app, Options& options) {
  app.add_option("--json", options.json, "Write the numbers, too")->type_name("FILE");
  app.add_option("--contact", options.contact,
                 "Write crops at the edges: for each sequence, model and place the\n"
                 "frame, the true alpha and composite, then those of each setting")
      ->type_name("FILE.png");
  app.add_option("--threads", options.threads, "Takes at a time (all cores)")
      ->check(CLI::Range(1, 256).description(""))
      ->type_name("N");
}

}  // namespace

Options parse_options(int argc, char** argv) {
  const std::filesystem::path shared = BACKDROP_SHARED_DIR;
  Options options{.sequences = {},
                  .models = {},
                  .settings = {},
                  .people = (shared / "eval/people").lexically_normal(),
                  .backgrounds = (shared / "eval/backgrounds").lexically_normal(),
                  .threads = std::max(1U, std::thread::hardware_concurrency())};
  Names names;
  CLI::App app("Measures how good the engine's pictures are, and prints tables in Markdown.",
               "./run quality");
  app.get_formatter()->column_width(28);
  CLI::Option* chosen = app.add_option("--sequences", names.sequences, "Sequences, or all (still)")
                            ->delimiter(',')
                            ->type_name("NAME,...");
  app.add_option("--models", names.models, "Catalogue ids or paths (all that are installed)")
      ->delimiter(',')
      ->type_name("ID,...");
  app.add_option("--settings", names.settings, "Settings, or all (all)")
      ->delimiter(',')
      ->type_name("NAME,...");
  add_material_options(app, options);
  add_film_options(app, options);
  add_output_options(app, options);
  app.footer(explanations());
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success&) {
    std::fputs(app.help().c_str(), stdout);
    throw;
  }

  if (options.photos.empty() || chosen->count() > 0) {
    options.sequences = find_rows("--sequences", names.sequences, sequences());
  }
  options.settings = find_rows("--settings", names.settings, settings());
  for (const std::string& name : names.models) options.models.push_back(cli::open_model(name));
  if (names.models.empty()) options.models = usual_models();
  return options;
}

}  // namespace backdrop::quality
