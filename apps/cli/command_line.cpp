// The command's words: its subcommands and their options, and what each of them calls.
#include "command_line.h"

#include <CLI/CLI.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "background_options.h"
#include "camera_options.h"
#include "commands.h"
#include "failure.h"
#include "model_options.h"

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
    "  backdrop camera --image beach.png\n"
    "\n"
    "`backdrop COMMAND --help` says more. Exit codes: 0, 1 for a failed run, 2 for a wrong call.";

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
  add_transparent_option(*command, *background);
  add_rendering_options(*command, *rendering);
  command->callback([arguments, background, rendering] {
    composite(*arguments, background->choice().value_or(Blur{}), rendering->choice());
  });
}

}  // namespace

void describe_command_line(CLI::App& app) {
  app.name("backdrop");
  app.description(kDescription);
  app.get_formatter()->column_width(34);
  app.get_formatter()->label("REQUIRED", "(required)");
  app.set_version_flag("--version", std::string("backdrop ") + backdrop_version());
  app.require_subcommand(1);
  add_models(app);
  add_infer(app);
  add_matte(app);
  add_composite(app);
  add_camera(app);
  app.footer(kExamples);
}

}  // namespace backdrop::cli
