#include "commands.h"
#include "engine.h"
#include "failure.h"
#include "progress.h"

namespace backdrop::cli {
namespace {

constexpr int kThreads = 1;

void set_background(Engine& engine, const Blur& blur) { engine.set_background_blur(blur.strength); }

void set_background(Engine& engine, const BackgroundImage& image) {
  Picture picture = read_picture(image.path);
  engine.set_background_image(picture);
}

void set_background(Engine& engine, const BackgroundColor& color) {
  engine.set_background_color(color.rgb);
}

void set_background(Engine& engine, const Transparent&) { engine.set_background_transparent(); }

Picture process_photo(Engine& engine, const std::string& path, Progress& progress) {
  progress.stage("reading " + path);
  Picture picture = read_picture(path);
  lay_on_white(picture);
  progress.stage("finding the person in " + path);
  naming(path, [&] { engine.process(picture); });
  return picture;
}

}  // namespace

void write_matte(const PhotoArguments& arguments) {
  if (format_of(arguments.output) != PictureFormat::kPng) {
    throw WrongCall(arguments.output + ": a matte is written as .png");
  }
  Progress progress;
  Engine engine = make_engine(arguments.model, kThreads, progress);
  engine.set_background_transparent();  // the least work beside the matte
  const Picture picture = process_photo(engine, arguments.photo, progress);
  progress.stage("writing " + arguments.output);
  write_grey_png(arguments.output, picture.width, picture.height, engine.matte(picture));
}

void composite(const PhotoArguments& arguments, const Background& background,
               const Rendering& rendering) {
  if (format_of(arguments.output) == PictureFormat::kJpeg &&
      std::holds_alternative<Transparent>(background)) {
    throw WrongCall(arguments.output + ": JPEG has no transparency; write a .png");
  }
  Progress progress;
  Engine engine = make_engine(arguments.model, kThreads, progress);
  std::visit([&](const auto& choice) { set_background(engine, choice); }, background);
  if (rendering.refinement) engine.set_refinement(*rendering.refinement);
  if (rendering.gpu) engine.use_gpu(rendering.light_wrapping);
  const Picture picture = process_photo(engine, arguments.photo, progress);
  progress.stage("writing " + arguments.output);
  write_picture(arguments.output, picture);
}

}  // namespace backdrop::cli
