#include "camera_options.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "background_options.h"
#include "camera/camera_arguments.h"
#include "model_options.h"
#include "option_parsing.h"

namespace backdrop::cli {
namespace {

const std::map<std::string, bool>& switches() {
  static const std::map<std::string, bool> by_name{{"on", true}, {"off", false}};
  return by_name;
}

std::pair<int, int> parse_size(const std::string& text) {
  constexpr int kMost = 8192;
  const auto size = parse_pair<int>(text, 'x');
  const auto is_side = [](int side) { return side >= 16 && side <= kMost && side % 2 == 0; };
  if (!size || !is_side(size->first) || !is_side(size->second)) {
    refuse("--size", text, "WxH, each even and 16 to 8192");
  }
  return *size;
}

CameraCrop parse_crop(const std::string& text) {
  const std::size_t middle = text.find(',', text.find(',') + 1);
  const bool has_middle = middle != std::string::npos;
  const auto place = parse_pair<float>(text.substr(0, has_middle ? middle : 0), ',');
  const auto size = parse_pair<float>(has_middle ? text.substr(middle + 1) : "", ',');
  const auto fits = [](float begin, float length) {
    return begin >= 0 && length > 0 && begin + length <= 1;
  };
  if (!place || !size || !fits(place->first, size->first) || !fits(place->second, size->second)) {
    refuse("--crop", text, "X,Y,WIDTH,HEIGHT, shares of the picture that lie in it");
  }
  return {place->first, place->second, size->first, size->second};
}

// What can be changed while a camera runs.
struct ChangeArguments {
  BackgroundArguments background;
  CameraChanges changes;

  CameraChanges choice() const {
    CameraChanges all = changes;
    all.background = background.choice();
    return all;
  }
};

void add_change_options(CLI::App& command, ChangeArguments& arguments) {
  CameraChanges& changes = arguments.changes;
  add_background_options(command, arguments.background);
  add_none_option(command, arguments.background);
  command
      .add_option("--model", changes.model,
                  "Catalogue id, or path of a .tflite file (else the first installed)")
      ->type_name("ID|FILE");
  const auto add_switch = [&](const char* name, std::optional<bool>& value, const char* what) {
    command
        .add_option_function<std::string>(
            name, [&value](const std::string& word) { value = switches().at(word); }, what)
        ->check(CLI::IsMember(switches()).description(""))
        ->type_name("on|off");
  };
  add_switch("--only-front", changes.only_front, "Keep only the person in front");
  add_switch("--mirror", changes.is_mirrored, "Mirror the picture");
  command.add_option("--rotate", changes.rotation, "Turn it clockwise: 0, 90, 180 or 270")
      ->check(CLI::IsMember({0, 90, 180, 270}).description(""))
      ->type_name("DEGREES");
  command
      .add_option_function<std::string>(
          "--crop", [&](const std::string& text) { changes.crop = parse_crop(text); },
          "Show a part of the camera's picture: shares, 0 to 1, of its\nwidth and height")
      ->type_name("X,Y,W,H");
}

void add_run_options(CLI::App& command, CameraArguments& arguments) {
  command
      .add_option("--from", arguments.from,
                  "A device such as /dev/video0 (else the first camera), a video\n"
                  "file, again and again, an address such as rtsp://HOST, or test")
      ->type_name("SOURCE");
  command
      .add_option("--to", arguments.outputs,
                  "pipewire (by default), or a device of v4l2loopback, such as\n"
                  "/dev/video10; more than once for several")
      ->type_name("OUTPUT")
      ->allow_extra_args(false);
  command
      .add_option_function<std::string>(
          "--size", [&](const std::string& text) { arguments.size = parse_size(text); },
          "Of the pictures (1280x720 by default)")
      ->type_name("WxH");
  command.add_option("--rate", arguments.rate, "Pictures a second, 1 to 120 (30 by default)")
      ->check(CLI::Range(1, 120).description(""))
      ->type_name("N");
  command.add_flag("--always", arguments.is_always_open,
                   "Keep the real camera open while nobody looks");
}

void add_name_option(CLI::App& command, std::string& name) {
  command.add_option("--name", name, "Of the camera, if there are several (backdrop by default)")
      ->type_name("NAME");
}

void add_camera_commands(CLI::App& command) {
  command.add_subcommand("list", "List the cameras that can be used")->callback(list_cameras);
  const auto add = [&](const char* name, const char* what) {
    CLI::App* added = command.add_subcommand(name, what);
    auto camera = std::make_shared<std::string>("backdrop");
    add_name_option(*added, *camera);
    return std::pair(added, camera);
  };
  const auto [show, shown] = add("status", "Say what the running camera does");
  show->callback([name = shown] { show_camera(*name); });
  const auto [stop, stopped] = add("stop", "End the running camera");
  stop->callback([name = stopped] { stop_camera(*name); });
  const auto [set, changed] = add("set", "Change what the running camera shows");
  auto changes = std::make_shared<ChangeArguments>();
  add_change_options(*set, *changes);
  set->callback([set = set, name = changed, changes] {
    changes->choice();  // refuses what can't be, before the camera is asked
    std::vector<std::string> words;
    for (const CLI::Option* option : set->parse_order()) {
      if (option->get_name() == "--name") continue;
      words.push_back(option->get_name());
      const bool is_flag = option->get_items_expected_max() == 0;
      if (!is_flag) words.push_back(option->results().back());
    }
    if (words.empty()) throw WrongCall("camera set: no option says what is to be changed");
    change_camera(*name, words);
  });
}

// The words of `backdrop camera set`, as they come from another process.
CameraChanges parse_changes(const std::vector<std::string>& words, const std::string& folder) {
  ChangeArguments arguments;
  CLI::App app;
  add_change_options(app, arguments);
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError& error) {
    throw WrongCall(error.what());
  }
  const auto absolute = [&](std::optional<std::string>& path) {
    if (path) path = (std::filesystem::path(folder) / *path).string();
  };
  absolute(arguments.background.image);
  absolute(arguments.background.video);
  std::optional<std::string>& model = arguments.changes.model;
  if (model && model->find('/') != std::string::npos) absolute(model);
  return arguments.choice();
}

}  // namespace

void add_camera(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("camera", "Be a camera that shows another background behind the person");
  auto arguments = std::make_shared<CameraArguments>();
  auto settings = std::make_shared<ChangeArguments>();
  add_run_options(*command, *arguments);
  add_name_option(*command, arguments->name);
  add_change_options(*command, *settings);
  add_model_overrides(*command, arguments->model.overrides);
  add_camera_commands(*command);
  // Before the callbacks of the subcommands, whose options are not these.
  command->parse_complete_callback([command] {
    const auto subcommands = command->get_subcommands();
    const auto is_given = [](const CLI::Option* option) { return option->count() > 0; };
    if (subcommands.empty() || std::ranges::none_of(command->get_options(), is_given)) return;
    const std::string name = subcommands.front()->get_name();
    throw WrongCall("camera " + name + ": its options come after '" + name + "'");
  });
  command->callback([command, arguments, settings] {
    if (!command->get_subcommands().empty()) return;
    arguments->settings = settings->choice();
    arguments->model.model = arguments->settings.model;
    arguments->settings.model.reset();  // with the overrides, which belong to it
    run_camera(*arguments, parse_changes);
  });
}

}  // namespace backdrop::cli
