// The command `backdrop`: reads the arguments and answers with the exit code.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <ranges>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "commands.h"
#include "failure.h"
#include "output_kinds.h"

namespace backdrop::cli {
namespace {

constexpr const char* kDescription =
    "Virtual backgrounds: finds the person in a photo or a video and changes what is behind.\n"
    "Models are looked for in the folders of BACKDROP_MODELS, separated by colons.";
constexpr const char* kExamples =
    "Examples:\n"
    "  backdrop composite photo.jpg -o blurred.jpg\n"
    "  backdrop composite photo.jpg -o beach.jpg --image beach.png\n"
    "  backdrop composite photo.jpg -o cutout.png --transparent\n"
    "  backdrop matte photo.jpg -o matte.png --model mlkit\n"
    "  backdrop composite clip.mp4 -o blurred.mp4 --blur 3\n"
    "  backdrop composite clip.mp4 -o cutout.mov --transparent\n"
    "\n"
    "`backdrop COMMAND --help` says more. Exit codes: 0, 1 for a failed run, 2 for a wrong call.";

enum ExitCode { kOk = 0, kFailedRun = 1, kWrongCall = 2 };

void add_models(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "models", "List the known models, what they are and where they are installed");
  command->callback([command] {
    if (command->get_subcommands().empty()) list_models();
  });
  CLI::App* get = command->add_subcommand("get", "Download one and check its SHA-256");
  auto id = std::make_shared<std::string>();
  get->add_option("ID", *id, "Catalogue id")->required()->type_name("");
  get->callback([id] { get_model(*id); });
}

[[noreturn]] void refuse(const char* option, const std::string& text, const char* form) {
  throw WrongCall(std::string(option) + ": '" + text + "' is not of the form " + form);
}

// Two numbers and nothing else.
template <typename Number>
std::optional<std::pair<Number, Number>> parse_pair(const std::string& text, char separator) {
  const char* end = text.data() + text.size();
  const char* middle = std::find(text.data(), end, separator);
  std::pair<Number, Number> pair;
  if (middle == end) return std::nullopt;
  const auto first = std::from_chars(text.data(), middle, pair.first);
  const auto second = std::from_chars(middle + 1, end, pair.second);
  if (first.ptr != middle || first.ec != std::errc{}) return std::nullopt;
  if (second.ptr != end || second.ec != std::errc{}) return std::nullopt;
  return pair;
}

std::pair<int, int> parse_input_size(const std::string& text) {
  const auto size = parse_pair<int>(text, 'x');
  const auto is_side = [](int side) { return side >= 1 && side <= BACKDROP_LARGEST_INPUT; };
  if (!size || !is_side(size->first) || !is_side(size->second)) {
    refuse("--input-size", text, "WxH, each 1 to 4096");
  }
  return *size;
}

std::pair<float, float> parse_input_range(const std::string& text) {
  const auto range = parse_pair<float>(text, ',');
  if (!range || !std::isfinite(range->first) || !std::isfinite(range->second) ||
      range->first >= range->second) {
    refuse("--input-range", text, "MIN,MAX, MIN below MAX");
  }
  return *range;
}

std::vector<float> parse_colors(const char* option, const std::string& text) {
  std::vector<float> values;
  for (const auto part : std::views::split(text, ',')) {
    float& value = values.emplace_back();
    const char* end = part.data() + part.size();
    const auto [stop, error] = std::from_chars(part.data(), end, value);
    if (stop != end || error != std::errc{} || !std::isfinite(value)) {
      refuse(option, text, "three numbers, or one");
    }
  }
  if (values.size() == 1) values.resize(3, values[0]);
  if (values.size() != 3) refuse(option, text, "three numbers, or one");
  return values;
}

std::vector<std::string> parse_classes(const std::string& text) {
  std::vector<std::string> classes;
  for (const auto part : std::views::split(text, ','))
    classes.emplace_back(part.begin(), part.end());
  if (text.empty() || std::ranges::find(classes, "") != classes.end())
    refuse("--classes", text, "15 or hair,clothes");
  return classes;
}

const std::map<std::string, backdrop_output>& output_kinds() {
  static const auto by_name = [] {
    std::map<std::string, backdrop_output> names;
    for (const OutputKindWords& words : kOutputKinds) names.emplace(words.name, words.kind);
    return names;
  }();
  return by_name;
}

const std::map<std::string, backdrop_channel_order>& channel_orders() {
  static const std::map<std::string, backdrop_channel_order> by_name{
      {"rgb", BACKDROP_CHANNELS_RGB}, {"bgr", BACKDROP_CHANNELS_BGR}};
  return by_name;
}

const std::map<std::string, backdrop_precision>& precisions() {
  static const std::map<std::string, backdrop_precision> by_name{
      {"auto", BACKDROP_PRECISION_AUTO}, {"float", BACKDROP_PRECISION_FLOAT}};
  return by_name;
}

void add_model_overrides(CLI::App& command, ModelOverrides& overrides) {
  const auto add = [&](const char* name, const char* description, const char* form, auto keep) {
    return command.add_option_function<std::string>(name, keep, description)
        ->type_name(form)
        ->group("How the model is fed and read, where not as the catalogue or its file says");
  };
  add("--input-size", "Plan the network for pictures of this size, where it can be", "WxH",
      [&](const std::string& text) { overrides.input_size = parse_input_size(text); });
  add("--input-range", "What black and white become in its input: 0,1 or -1,1", "MIN,MAX",
      [&](const std::string& text) { overrides.input_range = parse_input_range(text); });
  auto* mean = add(
      "--input-mean", "What is subtracted from its input's samples, 0 to 255", "R,G,B",
      [&](const std::string& text) { overrides.input_mean = parse_colors("--input-mean", text); });
  auto* deviation = add("--input-deviation", "and what they are divided by then", "R,G,B",
                        [&](const std::string& text) {
                          overrides.input_deviation = parse_colors("--input-deviation", text);
                        });
  mean->needs(deviation);
  deviation->needs(mean)->excludes("--input-range");
  add("--channel-order", "The order of colours in its input: rgb or bgr", "ORDER",
      [&](const std::string& text) { overrides.channel_order = channel_orders().at(text); })
      ->check(CLI::IsMember(channel_orders()).description(""));
  add("--output-kind",
      "What it says of a pixel: probability, logit, logits,\nprobabilities, arg-max or label",
      "KIND", [&](const std::string& text) { overrides.output = output_kinds().at(text); })
      ->check(CLI::IsMember(output_kinds()).description(""));
  add("--output-name", "Which of its outputs is the mask", "NAME",
      [&](const std::string& text) { overrides.output_name = text; });
  add("--precision", "What it computes in: auto (integers where that is faster) or float",
      "PRECISION", [&](const std::string& text) { overrides.precision = precisions().at(text); })
      ->check(CLI::IsMember(precisions()).description(""));
  add("--classes", "The classes that are kept, by number or name: 15 or hair,clothes", "LIST",
      [&](const std::string& text) { overrides.classes = parse_classes(text); });
}

void add_infer(CLI::App& app) {
  CLI::App* command = app.add_subcommand("infer", "Run the bare network on an array");
  auto arguments = std::make_shared<InferArguments>();
  command->add_option("--model", arguments->model.model, "Catalogue id, or path of a .tflite file")
      ->required()
      ->type_name("ID|FILE");
  command
      ->add_option("--input", arguments->input,
                   "RGB as uint8 (H,W,3), scaled to the model's range, or\nfloat32, as it is")
      ->required()
      ->type_name("IN.npy");
  command->add_option("--output", arguments->output, "float32 (H,W,C)")
      ->required()
      ->type_name("OUT.npy");
  command->add_option("--threads", arguments->threads, "Threads to work on, 1 to 32 (1 by default)")
      ->check(CLI::Range(1, 32).description(""))
      ->type_name("N");
  add_model_overrides(*command, arguments->model.overrides);
  command->callback([arguments] { infer(*arguments); });
}

void add_video_options(CLI::App& command, VideoArguments& arguments) {
  const auto add = [&](const char* name, auto& value, const char* description, const char* form) {
    return command.add_option(name, value, description)->type_name(form)->group("Videos");
  };
  add("--codec", arguments.codec,
      "h264, hevc, vp9, prores, ffv1 or an encoder of FFmpeg's\n(else by the ending)", "CODEC");
  add("--quality", arguments.quality,
      "As the codec counts, less is better: CRF of H.264 and HEVC\n(0 to 51) and VP9 (0 to 63)",
      "N")
      ->check(CLI::Range(0, 63).description(""));
  add("--stats", arguments.statistics, "Write the time of each stage to a file, as JSON", "FILE");
  add("--input-format", arguments.input_format,
      "Of the input: FFmpeg's name of a container, or raw frames, as\nyuv420p,1280x720,30",
      "FORMAT");
  add("--output-format", arguments.output_format,
      "Of the output: matroska (of - by default), webm, mp4, mov,\nyuv4mpegpipe or yuv420p",
      "FORMAT");
}

void add_segment_options(CLI::App& command, SegmentArguments& arguments, const char* output_name) {
  command
      .add_option("INPUT", arguments.inputs,
                  "Photos, videos or folders of them; - is the standard input")
      ->required()
      ->type_name("");
  command
      .add_option("-o,--output", arguments.output,
                  "The file to write; a folder for several inputs; - is the\nstandard output")
      ->required()
      ->type_name(output_name);
  command
      .add_option("--model", arguments.model.model,
                  "Catalogue id, or path of a .tflite file (else the first installed)")
      ->type_name("ID|FILE");
  add_model_overrides(command, arguments.model.overrides);
  command.add_flag(
      "--no-person-crop", arguments.sees_whole,
      "Show the network the whole picture only, not a part\naround the people after it");
  command.add_flag("--only-front", arguments.only_front,
                   "Keep only the person in front, and those who touch them");
  command.add_flag("--no-despeckling", arguments.keeps_speckles,
                   "Keep small holes in people, and small islands beside them");
  add_video_options(command, arguments.video);
}

void add_matte(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("matte", "Write where the person is: white person, black background");
  auto arguments = std::make_shared<SegmentArguments>();
  add_segment_options(*command, *arguments, "OUT");
  command->callback([arguments] { write_matte(*arguments); });
}

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

struct BackgroundArguments {
  std::optional<float> blur;
  std::optional<std::string> image;
  std::optional<std::string> video;
  std::optional<std::string> color;
  bool transparent = false;
  std::optional<std::string> fit;
  std::optional<std::string> position;

  Background choice() const {
    // Beside a picture, --color is the picture's.
    if (blur.has_value() + (image || video || color) + transparent > 1 || (image && video)) {
      throw WrongCall(
          "--blur, --image, --background-video, --color and --transparent exclude one another");
    }
    if (!image && !video && (fit || position)) {
      throw WrongCall("--fit and --position need --image or --background-video");
    }
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
    return blur ? Blur{*blur} : Blur{};
  }
};

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
  command.add_flag("--transparent", arguments.transparent, "Nothing: cut the person out");
}

const std::map<std::string, backdrop_refinement>& refinements() {
  static const std::map<std::string, backdrop_refinement> by_name{
      {"none", BACKDROP_REFINEMENT_NONE},
      {"guided", BACKDROP_REFINEMENT_GUIDED},
      {"bilateral", BACKDROP_REFINEMENT_BILATERAL},
      {"bilateral-rational", BACKDROP_REFINEMENT_BILATERAL_RATIONAL},
      {"bilateral-separable", BACKDROP_REFINEMENT_BILATERAL_SEPARABLE}};
  return by_name;
}

struct RenderingArguments {
  std::string refinement;
  bool gpu = false;
  std::optional<float> light_wrapping;

  Rendering choice() const {
    if (light_wrapping && !gpu) throw WrongCall("--light-wrapping needs --gpu");
    const auto known = refinements().find(refinement);
    return {
        .refinement = known == refinements().end() ? std::nullopt : std::optional(known->second),
        .gpu = gpu,
        .light_wrapping = light_wrapping.value_or(0)};
  }
};

void add_rendering_options(CLI::App& command, RenderingArguments& arguments) {
  command
      .add_option("--refine", arguments.refinement,
                  "How the mask follows edges: none, guided, bilateral,\n"
                  "bilateral-rational or bilateral-separable")
      ->check(CLI::IsMember(refinements()).description(""))
      ->type_name("FILTER");
  command.add_flag("--gpu", arguments.gpu, "Draw on the GPU (OpenGL ES 3.0 by EGL)");
  command
      .add_option("--light-wrapping", arguments.light_wrapping,
                  "Light of the background on the person's edge, 0 to 1;\nwith --gpu")
      ->check(CLI::Range(0.0, 1.0).description(""))
      ->type_name("S");
}

void add_composite(CLI::App& app) {
  CLI::App* command = app.add_subcommand("composite", "Put another background behind the person");
  auto arguments = std::make_shared<SegmentArguments>();
  auto background = std::make_shared<BackgroundArguments>();
  add_segment_options(*command, *arguments, "OUT");
  auto rendering = std::make_shared<RenderingArguments>();
  add_background_options(*command, *background);
  add_rendering_options(*command, *rendering);
  command->callback([arguments, background, rendering] {
    composite(*arguments, background->choice(), rendering->choice());
  });
}

ExitCode report(ExitCode code, const std::string& message) {
  std::fprintf(stderr, "backdrop: %s\n", one_line(message).c_str());
  return code;
}

// Parsing runs the command that the arguments name.
void parse_and_run(CLI::App& app, int argc, char** argv) {
  app.get_formatter()->column_width(34);
  app.get_formatter()->label("REQUIRED", "(required)");
  app.set_version_flag("--version", std::string("backdrop ") + backdrop_version());
  app.require_subcommand(1);
  add_models(app);
  add_infer(app);
  add_matte(app);
  add_composite(app);
  app.footer(kExamples);
  app.parse(argc, argv);
}

// What does not fit stdout's buffer was written before, and the reason why that failed is lost.
ExitCode finish_output() {
  const bool is_flushed = std::fflush(stdout) == 0;
  const int reason = errno;
  if (is_flushed && std::ferror(stdout) == 0) return kOk;
  return report(kFailedRun,
                "the standard output: " + (is_flushed ? "not all of the text could be written"
                                                      : std::generic_category().message(reason)));
}

ExitCode run(int argc, char** argv) {
  CLI::App app(kDescription, "backdrop");
  try {
    parse_and_run(app, argc, argv);
    return finish_output();
  } catch (const CLI::Success& help) {
    std::ostringstream text;
    app.exit(help, text);
    std::fputs(text.str().c_str(), stdout);
    return finish_output();
  } catch (const CLI::ParseError& error) {
    return report(kWrongCall, error.what() + std::string("; see backdrop --help"));
  } catch (const WrongCall& error) {
    return report(kWrongCall, error.what());
  } catch (const std::bad_alloc&) {
    return report(kFailedRun, "there is not enough memory");
  } catch (const std::exception& error) {
    return report(kFailedRun, error.what());
  }
}

}  // namespace
}  // namespace backdrop::cli

int main(int argc, char** argv) { return backdrop::cli::run(argc, argv); }
