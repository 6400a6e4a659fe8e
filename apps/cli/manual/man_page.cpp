#include <algorithm>
#include <array>
#include <cctype>

#include "writers.h"

namespace backdrop::cli::manual {
namespace {

// As roff prints it: hyphens and quotes that can be copied into a shell.
std::string roff(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '\\':
        escaped += "\\e";
        break;
      case '-':
        escaped += "\\-";
        break;
      case '\'':
        escaped += "\\(aq";
        break;
      case '`':
        escaped += "\\(ga";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string bold(const std::string& text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + roff(text) + "\\fR"; }

std::string upper_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

std::string page_of(const Command& command) {
  std::string name = command.name;
  std::ranges::replace(name, ' ', '-');
  return name;
}

// Text that the parser does not have. `page` is empty for what all pages say.
struct Paragraph {
  const char* page;
  const char* section;
  const char* title;
  const char* text;
};
constexpr std::array kParagraphs{
    Paragraph{"backdrop-camera", "SERVICE", "backdrop-camera.service",
              "Runs `backdrop camera` for a user: `systemctl --user enable --now backdrop-camera` "
              "starts it now and at each login. Its options are what BACKDROP_CAMERA_OPTIONS "
              "is set to in the file below."},
    Paragraph{"", "ENVIRONMENT", "BACKDROP_MODELS",
              "Folders in which models are looked for first, separated by colons."},
    Paragraph{"backdrop-models", "ENVIRONMENT", "HTTPS_PROXY", "A proxy for downloads."},
    Paragraph{"backdrop-models", "ENVIRONMENT", "SSL_CERT_FILE",
              "A file of certificates to trust in addition to the system's."},
    Paragraph{"", "FILES", "$XDG_DATA_HOME/backdrop/models",
              "The models of a user; by default in ~/.local/share."},
    Paragraph{"backdrop-camera", "FILES", "$XDG_CONFIG_HOME/backdrop/camera.conf",
              "The service's options, such as BACKDROP_CAMERA_OPTIONS=\"--blur 3 --mirror on\"; by "
              "default "
              "in ~/.config."},
    Paragraph{"", "EXIT STATUS", "0", "Success."},
    Paragraph{"", "EXIT STATUS", "1",
              "A run that failed; one line on the standard error says why."},
    Paragraph{"", "EXIT STATUS", "2", "A wrong call."},
};

void write_section(std::ostream& out, const std::string& page, const std::string& section) {
  bool is_open = false;
  for (const Paragraph& paragraph : kParagraphs) {
    const std::string only = paragraph.page;
    if (paragraph.section != section || (!only.empty() && only != page)) continue;
    if (!is_open) out << ".SH " << section << '\n';
    is_open = true;
    out << ".TP\n" << bold(paragraph.title) << '\n' << roff(paragraph.text) << '\n';
  }
}

std::string value_of(const Option& option) {
  return option.form.empty() ? "" : " " + italic(option.form);
}

void write_synopsis(std::ostream& out, const Command& command) {
  out << bold(command.name);
  for (const Option& option : command.options) {
    if (option.is_required) out << ' ' << bold(option.names.front()) << value_of(option);
  }
  out << " [" << italic("OPTIONS") << "]";
  for (const Positional& positional : command.positionals) {
    out << ' ' << italic(positional.name) << (positional.repeats ? " ..." : "");
  }
  if (command.needs_subcommand) {
    out << ' ' << italic("COMMAND");
  } else if (!command.subcommands.empty()) {
    out << " [" << italic("COMMAND") << "]";
  }
  out << '\n';
}

void write_options(std::ostream& out, const Command& command) {
  for (const Positional& positional : command.positionals) {
    out << ".TP\n" << italic(positional.name) << '\n' << roff(positional.description) << '\n';
  }
  std::string group;
  for (const Option& option : command.options) {
    if (option.group != group) out << ".SS " << roff(option.group) << '\n';
    group = option.group;
    out << ".TP\n";
    for (const std::string& name : option.names) {
      out << (name == option.names.front() ? "" : ", ") << bold(name);
    }
    out << value_of(option) << '\n' << roff(option.description);
    out << (option.is_required ? " (required)\n" : "\n");
  }
}

void write_examples(std::ostream& out, const Command& command) {
  if (command.examples.empty()) return;
  out << ".SH EXAMPLES\n.nf\n";
  for (const std::string& example : command.examples) out << roff(example) << '\n';
  out << ".fi\n";
}

// Subcommands of `backdrop` have pages of their own, theirs do not.
void write_subcommands(std::ostream& out, const Command& command, bool have_pages) {
  if (command.subcommands.empty()) return;
  out << ".SH COMMANDS\n";
  for (const Command& subcommand : command.subcommands) {
    if (have_pages) {
      out << ".TP\n" << bold(page_of(subcommand)) << "(1)\n";
      out << roff(subcommand.description) << '\n';
    } else {
      out << ".SS \"" << roff(subcommand.name) << "\"\n"
          << roff(subcommand.description) << "\n.PP\n";
      write_synopsis(out, subcommand);
      write_options(out, subcommand);
    }
  }
}

void write_see_also(std::ostream& out, const Command& command, const Command& all) {
  std::vector<std::string> pages;
  if (command.name != all.name) pages.push_back(bold(page_of(all)) + "(1)");
  for (const Command& other : all.subcommands) {
    if (other.name != command.name) pages.push_back(bold(page_of(other)) + "(1)");
  }
  out << ".SH SEE ALSO\n" << join(pages, ",\n") << '\n';
}

}  // namespace

void write_page(std::ostream& out, const Command& command, const Command& all,
                const std::string& version) {
  const std::string page = page_of(command);
  // The first sentence alone is the page's title.
  std::string title = command.description.substr(0, command.description.find(". "));
  title.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(title.front())));
  if (title.ends_with('.')) title.pop_back();
  out << ".TH " << roff(upper_case(page)) << " 1 \"\" \"backdrop " << version
      << "\" \"User Commands\"\n"
      << ".nh\n.ad l\n"  // neither words that are torn nor wide gaps
      << ".SH NAME\n"
      << roff(page) << " \\- " << roff(title) << '\n'
      << ".SH SYNOPSIS\n";
  write_synopsis(out, command);
  out << ".SH DESCRIPTION\n" << roff(command.description) << '\n';
  write_subcommands(out, command, &command == &all);
  out << ".SH OPTIONS\n";
  write_options(out, command);
  for (const char* section : {"SERVICE", "ENVIRONMENT", "FILES", "EXIT STATUS"}) {
    write_section(out, page, section);
  }
  write_examples(out, command);
  write_see_also(out, command, all);
}

}  // namespace backdrop::cli::manual
