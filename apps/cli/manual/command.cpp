#include "command.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <sstream>

#include "catalogue.h"

namespace backdrop::cli::manual {
namespace {

std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

// CLI11 tells the words of CLI::IsMember in its message about another one only; a number, since the
// words may be numbers.
std::vector<std::string> words_of(CLI::Option& option) {
  std::string message;
  try {
    message = (*option.get_validator())(std::string("-1"));
  } catch (const CLI::OptionNotFound&) {
    return {};  // there is no validator
  }
  const std::size_t begin = message.find("not in {");
  if (begin == std::string::npos) return {};
  std::istringstream list(message.substr(message.find('{') + 1));
  std::vector<std::string> words;
  for (std::string word; std::getline(list, word, ',');) words.push_back(word);
  if (!words.empty() && words.back().ends_with('}')) words.back().pop_back();
  return words;
}

Option describe(CLI::Option& option) {
  Option described;
  for (const std::string& name : option.get_snames()) described.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) described.names.push_back("--" + name);
  if (option.get_items_expected_max() > 0) described.form = option.get_type_name();
  described.description = one_line(option.get_description());
  if (option.get_group() != "Options") described.group = option.get_group();
  described.words = words_of(option);
  described.is_required = option.get_required();
  return described;
}

// The lines of the examples are the indented ones.
std::vector<std::string> examples_of(const std::string& footer) {
  std::istringstream lines(footer);
  std::vector<std::string> examples;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  ")) examples.push_back(line.substr(2));
  }
  return examples;
}

Command describe(CLI::App& app, const std::string& above) {
  Command command;
  command.name = above + app.get_name();
  command.description = one_line(app.get_description());
  command.examples = examples_of(app.get_footer());
  command.needs_subcommand = app.get_require_subcommand_min() > 0;
  for (CLI::Option* option : app.get_options({})) {
    if (option->get_positional()) {
      command.positionals.push_back({.name = option->get_name(true),
                                     .description = one_line(option->get_description()),
                                     .repeats = option->get_items_expected_max() > 1});
    } else {
      command.options.push_back(describe(*option));
    }
  }
  std::ranges::stable_partition(command.options,
                                [](const Option& option) { return option.group.empty(); });
  for (CLI::App* subcommand : app.get_subcommands([](CLI::App*) { return true; })) {
    command.subcommands.push_back(describe(*subcommand, command.name + " "));
  }
  return command;
}

}  // namespace

Command describe(CLI::App& app) { return describe(app, ""); }

std::string word_of(const Command& command) {
  return command.name.substr(command.name.rfind(' ') + 1);  // npos + 1 is 0
}

bool takes_file(const std::string& form) {
  static constexpr std::array kForms{"FILE",    "ID|FILE", "INPUT",  "IN.npy",
                                     "OUT.npy", "OUT",     "SOURCE", "OUTPUT"};
  return std::ranges::find(kForms, form) != kForms.end();
}

bool takes_model(const std::string& form) { return form == "ID" || form == "ID|FILE"; }

std::string model_ids() {
  return join(catalogue(), " ", [](const CatalogueModel& model) { return std::string(model.id); });
}

}  // namespace backdrop::cli::manual
