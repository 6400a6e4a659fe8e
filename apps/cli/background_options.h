// The options that say what is behind the person.
#pragma once

#include <optional>
#include <string>

#include "commands.h"

namespace CLI {
class App;
}  // namespace CLI

namespace backdrop::cli {

struct BackgroundArguments {
  std::optional<float> blur;
  std::optional<std::string> image;
  std::optional<std::string> video;
  std::optional<std::string> color;
  bool transparent = false;
  bool none = false;
  std::optional<std::string> fit;
  std::optional<std::string> position;

  // Nothing where no option chooses. Throws WrongCall.
  std::optional<Background> choice() const;
};

void add_background_options(CLI::App& command, BackgroundArguments& arguments);
// For pictures that keep alpha.
void add_transparent_option(CLI::App& command, BackgroundArguments& arguments);
// For who has to see the room.
void add_none_option(CLI::App& command, BackgroundArguments& arguments);

}  // namespace backdrop::cli
