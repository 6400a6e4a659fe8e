#include "job.h"

#include "color_profile.h"
#include "failure.h"
#include "file.h"

namespace backdrop::cli {
namespace {

// A colour's value in `profile`.
std::uint32_t in_profile(const BackgroundColor& color, const Bytes& profile) {
  const auto channel = [&](int shift) { return static_cast<std::uint8_t>(color.rgb >> shift); };
  Picture pixel{.width = 1, .height = 1, .rgba = {channel(16), channel(8), channel(0), 255}};
  convert_colors(pixel, profile);
  return std::uint32_t{pixel.rgba[0]} << 16 | std::uint32_t{pixel.rgba[1]} << 8 | pixel.rgba[2];
}

struct BackgroundSetter {
  Engine& engine;
  const Bytes& profile;
  Progress& progress;

  void operator()(const Blur& blur) const { engine.set_background_blur(blur.strength); }

  void operator()(const BackgroundImage& image) const {
    progress.stage("reading " + image.path);
    Picture picture = read_picture(image.path, progress, decode_other_picture);
    naming(image.path, [&] { convert_colors(picture, profile); });
    engine.set_background_image(picture.view(), image, in_profile(image.beside, profile));
  }

  void operator()(const BackgroundVideo& /*video*/) const { engine.set_background_color(0); }

  void operator()(const BackgroundColor& color) const {
    engine.set_background_color(in_profile(color, profile));
  }

  void operator()(const Transparent&) const { engine.set_background_transparent(); }

  void operator()(const Unchanged&) const { engine.set_background_none(); }
};

}  // namespace

Engine make_engine(const Job& job, int threads, Progress& progress) {
  Engine engine = make_engine(job.arguments.model, threads, progress);
  if (job.arguments.sees_whole) engine.see_whole_pictures();
  if (job.arguments.only_front) engine.keep_only_front(true);
  if (job.arguments.keeps_speckles) engine.keep_speckles();
  if (job.rendering.refinement) engine.set_refinement(*job.rendering.refinement);
  return engine;
}

void set_background(Engine& engine, const Job& job, const Bytes& profile, Progress& progress) {
  if (!job.background) return engine.set_background_color(0);  // the least work beside the matte
  set_background(engine, *job.background, profile, progress);
}

void set_background(Engine& engine, const Background& background, const Bytes& profile,
                    Progress& progress) {
  std::visit(BackgroundSetter{engine, profile, progress}, background);
}

}  // namespace backdrop::cli
