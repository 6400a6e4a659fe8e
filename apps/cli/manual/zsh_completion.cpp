#include <algorithm>

#include "writers.h"

namespace backdrop::cli::manual {
namespace {

// Within a specification of _arguments, which is in single quotes.
std::string escape(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\'') {
      escaped += "'\\''";
    } else {
      if (c == '[' || c == ']' || c == ':' || c == '\\') escaped += '\\';
      escaped += c;
    }
  }
  return escaped;
}

std::string function_of(const Command& command) {
  std::string name = "_" + command.name;
  std::ranges::replace(name, ' ', '_');
  return name;
}

std::string action_of(const std::string& form, const std::vector<std::string>& words) {
  if (takes_model(form)) return takes_file(form) ? "_backdrop_id_or_file" : "_backdrop_id";
  if (takes_file(form)) return "_files";
  return words.empty() ? " " : "(" + join(words, " ") + ")";
}

void write_option(std::ostream& out, const Option& option) {
  const std::string names = join(option.names, " ");
  // One specification a name, of which either excludes the other.
  for (const std::string& name : option.names) {
    out << " \\\n    '";
    if (option.names.size() > 1) out << "(" << names << ")";
    out << name << "[" << escape(option.description) << "]";
    if (!option.form.empty()) {
      out << ":" << escape(option.form) << ":" << action_of(option.form, option.words);
    }
    out << "'";
  }
}

void write_subcommands(std::ostream& out, const Command& command) {
  out << " \\\n    '1:command:((";
  for (const Command& subcommand : command.subcommands) {
    out << (&subcommand == command.subcommands.data() ? "" : " ") << word_of(subcommand) << "\\:\""
        << escape(subcommand.description) << '"';
  }
  out << "))' \\\n    '*::argument:->command'\n  [[ $state == command ]] || return\n"
      << "  case $line[1] in\n";
  for (const Command& subcommand : command.subcommands) {
    out << "    " << word_of(subcommand) << ") " << function_of(subcommand) << " ;;\n";
  }
  out << "  esac\n";
}

void write_function(std::ostream& out, const Command& command) {
  out << '\n'
      << function_of(command) << "() {\n  local curcontext=$curcontext state line\n"
      << "  _arguments -C :";
  for (const Option& option : command.options) write_option(out, option);
  for (const Positional& positional : command.positionals) {
    out << " \\\n    '" << (positional.repeats ? "*" : "1") << ":" << escape(positional.name) << ":"
        << action_of(positional.name, {}) << "'";
  }
  if (command.subcommands.empty()) {
    out << '\n';
  } else {
    write_subcommands(out, command);
  }
  out << "}\n";
  for (const Command& subcommand : command.subcommands) write_function(out, subcommand);
}

}  // namespace

void write_zsh(std::ostream& out, const Command& all) {
  out << "#compdef backdrop\n# Completion of backdrop in zsh, made of the command's own "
         "options.\n\n"
      << "_backdrop_id() { compadd " << model_ids() << " }\n"
      << "_backdrop_id_or_file() { _backdrop_id; _files }\n";
  write_function(out, all);
  out << "\nif [[ $funcstack[1] == _backdrop ]]; then\n  _backdrop \"$@\"\nelse\n"
      << "  compdef _backdrop backdrop\nfi\n";
}

}  // namespace backdrop::cli::manual
