#include "writers.h"

namespace backdrop::cli::manual {
namespace {

std::string quote(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

// One rule for words that are completed where `condition` holds.
void write_rule(std::ostream& out, const std::string& condition, const std::string& rest) {
  out << "complete -c backdrop -n " << quote(condition) << rest << '\n';
}

std::string value_of(const Option& option) {
  if (option.form.empty()) return "";
  const std::string words = takes_model(option.form) ? model_ids() : join(option.words, " ");
  return std::string(takes_file(option.form) ? " -r -F" : " -x") +
         (words.empty() ? "" : " -a " + quote(words));
}

// What is completed while `seen` are the subcommands that were written.
void write_command(std::ostream& out, const Command& command, const std::string& seen) {
  const std::string list = join(command.subcommands, " ", word_of);
  const std::string none_below = list.empty() ? "" : "not __fish_seen_subcommand_from " + list;
  const std::string also = seen.empty() || none_below.empty() ? "" : "; and ";
  const std::string here = seen + also + none_below;
  for (const Option& option : command.options) {
    std::string rest;
    for (const std::string& name : option.names) {
      const bool is_long = name.starts_with("--");
      rest += is_long ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    write_rule(out, here, rest + value_of(option) + " -d " + quote(option.description));
  }
  for (const Positional& positional : command.positionals) {
    if (takes_file(positional.name)) write_rule(out, here, " -F");
    if (takes_model(positional.name)) write_rule(out, here, " -a " + quote(model_ids()));
  }
  for (const Command& subcommand : command.subcommands) {
    const std::string word = word_of(subcommand);
    write_rule(out, here, " -a " + word + " -d " + quote(subcommand.description));
    std::string below = seen;
    below.append(seen.empty() ? "" : "; and ").append("__fish_seen_subcommand_from ").append(word);
    write_command(out, subcommand, below);
  }
}

}  // namespace

void write_fish(std::ostream& out, const Command& all) {
  out << "# Completion of backdrop in fish, made of the command's own options.\n"
      << "complete -c backdrop -f\n";
  write_command(out, all, "");
}

}  // namespace backdrop::cli::manual
