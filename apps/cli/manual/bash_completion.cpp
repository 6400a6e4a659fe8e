#include "writers.h"

namespace backdrop::cli::manual {
namespace {

constexpr const char* kBegin =
    R"(# Completion of backdrop in bash, made of the command's own options.
_backdrop() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command='' part
  local words='' options='' files=''
  # Bash takes --option=value for three words.
  if [[ $word == = ]]; then
    word=''
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for part in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$command $part" in
)";

constexpr const char* kEnd = R"(  esac
  [[ $word == -* || -z $words$files ]] && words+=" $options"
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  if [[ $files ]]; then
    compopt -o filenames
    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$word")
  fi
}
complete -F _backdrop backdrop
)";

// The command's name without "backdrop".
std::string path_of(const Command& command) {
  const std::size_t space = command.name.find(' ');
  return space == std::string::npos ? "" : command.name.substr(space + 1);
}

void write_subcommands(std::ostream& out, const Command& command) {
  for (const Command& subcommand : command.subcommands) {
    out << "      '" << path_of(command) << ' ' << word_of(subcommand)
        << "') command+=${command:+ }$part ;;\n";
    write_subcommands(out, subcommand);
  }
}

void write_settings(std::ostream& out, const std::string& words, bool files) {
  if (!words.empty()) out << " words='" << words << "'";
  if (files) out << " files=1";
  out << " ;;\n";
}

void write_values(std::ostream& out, const Command& command) {
  for (const Option& option : command.options) {
    if (option.form.empty()) continue;
    const std::string patterns = join(option.names, " | ", [&](const std::string& name) {
      return "'" + path_of(command) + " " + name + "'";
    });
    const bool is_model = takes_model(option.form);
    out << "    " << patterns << ")";
    write_settings(out, is_model ? model_ids() : join(option.words, " "), takes_file(option.form));
  }
  for (const Command& subcommand : command.subcommands) write_values(out, subcommand);
}

void write_words(std::ostream& out, const Command& command) {
  std::string words = join(command.subcommands, " ", word_of);
  bool files = false;
  for (const Positional& positional : command.positionals) {
    if (takes_model(positional.name)) words += model_ids();
    files = files || takes_file(positional.name);
  }
  const std::string options =
      join(command.options, " ", [](const Option& option) { return option.names.back(); });
  out << "    '" << path_of(command) << "') options='" << options << "'";
  write_settings(out, words, files);
  for (const Command& subcommand : command.subcommands) write_words(out, subcommand);
}

}  // namespace

void write_bash(std::ostream& out, const Command& all) {
  out << kBegin;
  write_subcommands(out, all);
  out << "    esac\n  done\n  case \"$command $before\" in\n";
  write_values(out, all);
  out << "  *) case $command in\n";
  write_words(out, all);
  out << "  esac ;;\n" << kEnd;
}

}  // namespace backdrop::cli::manual
