#include "color_profile.h"
#include "commands.h"
#include "engine.h"
#include "failure.h"
#include "file.h"
#include "progress.h"

namespace backdrop::cli {
namespace {

constexpr int kThreads = 1;

// Backgrounds are set in the colours of the photo's profile.
struct BackgroundSetter {
  Engine& engine;
  const Picture& photo;
  Progress& progress;

  void operator()(const Blur& blur) const { engine.set_background_blur(blur.strength); }

  void operator()(const BackgroundImage& image) const {
    progress.stage("reading " + image.path);
    Picture picture = read_picture(image.path, progress);
    naming(image.path, [&] { convert_colors(picture, photo.profile); });
    engine.set_background_image(picture, image, in_profile(image.beside));
  }

  void operator()(const BackgroundColor& color) const {
    engine.set_background_color(in_profile(color));
  }

  void operator()(const Transparent&) const { engine.set_background_transparent(); }

  std::uint32_t in_profile(const BackgroundColor& color) const {
    const auto channel = [&](int shift) { return static_cast<std::uint8_t>(color.rgb >> shift); };
    Picture pixel{.width = 1, .height = 1, .rgba = {channel(16), channel(8), channel(0), 255}};
    convert_colors(pixel, photo.profile);
    return std::uint32_t{pixel.rgba[0]} << 16 | std::uint32_t{pixel.rgba[1]} << 8 | pixel.rgba[2];
  }
};

void refuse_to_replace_inputs(const PhotoArguments& arguments) {
  refuse_to_replace(arguments.photo, arguments.output);
  refuse_to_replace(arguments.model.model.value_or(""), arguments.output);
}

Picture read_photo(const std::string& path, Progress& progress) {
  progress.stage("reading " + path);
  return read_picture(path, progress);
}

void process_photo(Engine& engine, const PhotoArguments& arguments, Picture& photo,
                   Progress& progress) {
  progress.stage("finding the person in " + arguments.photo);
  if (arguments.sees_whole) engine.see_whole_pictures();
  if (arguments.only_front) engine.keep_only_front();
  naming(arguments.photo, [&] { engine.process(photo); });
}

}  // namespace

void write_matte(const PhotoArguments& arguments) {
  if (format_of(arguments.output) != PictureFormat::kPng) {
    throw WrongCall(arguments.output + ": a matte is written as .png");
  }
  refuse_to_replace_inputs(arguments);
  Progress progress;
  Engine engine = make_engine(arguments.model, kThreads, progress);
  engine.set_background_color(0);  // the least work beside the matte
  Picture photo = read_photo(arguments.photo, progress);
  process_photo(engine, arguments, photo, progress);
  progress.stage("writing " + arguments.output);
  write_grey_png(arguments.output, photo, engine.matte(photo));
}

void composite(const PhotoArguments& arguments, const Background& background,
               const Rendering& rendering) {
  if (format_of(arguments.output) == PictureFormat::kJpeg &&
      std::holds_alternative<Transparent>(background)) {
    throw WrongCall(arguments.output + ": JPEG has no transparency; write a .png");
  }
  refuse_to_replace_inputs(arguments);
  if (const auto* image = std::get_if<BackgroundImage>(&background)) {
    refuse_to_replace(image->path, arguments.output);
  }
  Progress progress;
  Engine engine = make_engine(arguments.model, kThreads, progress);
  Picture photo = read_photo(arguments.photo, progress);
  std::visit(BackgroundSetter{engine, photo, progress}, background);
  if (rendering.refinement) engine.set_refinement(*rendering.refinement);
  if (rendering.gpu) engine.use_gpu(rendering.light_wrapping);
  process_photo(engine, arguments, photo, progress);
  progress.stage("writing " + arguments.output);
  write_picture(arguments.output, photo);
}

}  // namespace backdrop::cli
