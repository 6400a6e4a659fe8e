// What the manual pages and the completion say of a command: the parser's own words, in plain
// lists.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}  // namespace CLI

namespace backdrop::cli::manual {

struct Option {
  std::vector<std::string> names;  // with their hyphens, the short one first
  std::string form;                // stands for the value, such as WxH; empty: there is none
  std::string description;         // one line
  std::string group;               // its heading; empty for the main one
  std::vector<std::string> words;  // all that the value may be; empty: anything
  bool is_required = false;
};

struct Positional {
  std::string name;
  std::string description;
  bool repeats = false;
};

struct Command {
  std::string name;  // with those above it, such as "backdrop camera set"
  std::string description;
  std::vector<std::string> examples;
  std::vector<Option> options;  // those of the main heading first
  std::vector<Positional> positionals;
  std::vector<Command> subcommands;
  bool needs_subcommand = false;
};

Command describe(CLI::App& app);

// The last word of its name.
std::string word_of(const Command& command);

// What the value of an option, or a positional, of this form or name is completed with.
bool takes_file(const std::string& form);
bool takes_model(const std::string& form);

// The ids of the catalogue, separated by spaces.
std::string model_ids();

// What `name_of` says of each element, with a separator between.
template <typename List, typename NameOf>
std::string join(const List& list, const std::string& separator, NameOf name_of) {
  std::string joined;
  for (const auto& element : list)
    joined.append(joined.empty() ? "" : separator).append(name_of(element));
  return joined;
}

inline std::string join(const std::vector<std::string>& words, const std::string& separator) {
  return join(words, separator, [](const std::string& word) { return word; });
}

}  // namespace backdrop::cli::manual
