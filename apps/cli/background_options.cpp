#include "background_options.h"

#include <CLI/CLI.hpp>

#include <charconv>
#include <map>
#include <system_error>
#include <utility>

#include "option_parsing.h"

namespace backdrop::cli {
namespace {

std::uint32_t parse_color(const std::string& text) {
  std::uint32_t rgb = 0;
  const char* end = text.data() + text.size();
  const bool shaped = text.size() == 7 && text.front() == '#';
  const auto [stop, error] = std::from_chars(text.data() + (shaped ? 1 : 0), end, rgb, 16);
  if (!shaped || stop != end || error != std::errc{}) {
    throw WrongCall("--color: '" + text + "' is no colour of the form '#rrggbb'");
  }
  return rgb;
}

std::pair<float, float> parse_position(const std::string& text) {
  const auto position = parse_pair<float>(text, ',');
  const auto is_share = [](float share) { return share >= 0 && share <= 1; };
  if (!position || !is_share(position->first) || !is_share(position->second)) {
    refuse("--position", text, "X,Y, each 0 to 1");
  }
  return *position;
}

const std::map<std::string, backdrop_fit>& fits() {
  static const std::map<std::string, backdrop_fit> by_name{{"cover", BACKDROP_FIT_COVER},
                                                           {"contain", BACKDROP_FIT_CONTAIN}};
  return by_name;
}

}  // namespace

std::optional<Background> BackgroundArguments::choice() const {
  // Beside a picture, --color is the picture's.
  const int chosen_kinds = blur.has_value() + (image || video || color) + transparent + none;
  if (chosen_kinds > 1 || (image && video)) {
    throw WrongCall(std::string("--blur, --image, --background-video, --color and ") +
                    (none ? "--none" : "--transparent") + " exclude one another");
  }
  if (!image && !video && (fit || position)) {
    throw WrongCall("--fit and --position need --image or --background-video");
  }
  if (chosen_kinds == 0) return std::nullopt;
  const BackgroundColor chosen = color ? BackgroundColor{parse_color(*color)} : BackgroundColor{};
  if (image || video) {
    BackgroundImage picture{
        .path = image ? *image : *video,
        .fit = fit ? fits().at(*fit) : BACKDROP_FIT_COVER,
        .position = position ? parse_position(*position) : std::pair(0.5f, 0.5f),
        .beside = chosen};
    if (video) return BackgroundVideo{std::move(picture)};
    return picture;
  }
  if (color) return chosen;
  if (transparent) return Transparent{};
  if (none) return Unchanged{};
  return Blur{*blur};
}

void add_background_options(CLI::App& command, BackgroundArguments& arguments) {
  command
      .add_option("--blur", arguments.blur,
                  "Blur of S percent of the shorter side, 0.1 to 20 (2 by default)")
      ->check(CLI::Range(0.1, 20.0).description(""))
      ->type_name("S");
  command.add_option("--image", arguments.image, "A picture")->type_name("FILE");
  command.add_option("--background-video", arguments.video, "A video, again and again; for videos")
      ->type_name("FILE");
  command
      .add_option("--fit", arguments.fit,
                  "Of the picture: cover the photo (by default), or contain, to\nshow all of it")
      ->check(CLI::IsMember(fits()).description(""))
      ->type_name("FIT");
  command
      .add_option("--position", arguments.position,
                  "Of the picture: the part that stays, or its place, each 0 to 1;\n"
                  "0.5,0.5 by default")
      ->type_name("X,Y");
  command
      .add_option("--color", arguments.color,
                  "One colour; with --image, what is beside the picture and shows\nthrough it")
      ->type_name("'#rrggbb'");
}

void add_transparent_option(CLI::App& command, BackgroundArguments& arguments) {
  command.add_flag("--transparent", arguments.transparent, "Nothing: cut the person out");
}

void add_none_option(CLI::App& command, BackgroundArguments& arguments) {
  command.add_flag("--none", arguments.none, "Show the room");
}

}  // namespace backdrop::cli
