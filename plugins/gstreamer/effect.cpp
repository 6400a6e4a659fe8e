#include "effect.h"

#include "engine_threads.h"
#include "failure.h"
#include "model_store.h"
#include "progress.h"

namespace backdrop::gstreamer {

using cli::Failure;

Effect::Effect(const EngineChoice& choice)
    : engine_(backdrop_create(choice.threads > 0 ? choice.threads : cli::usual_engine_threads()),
              backdrop_destroy) {
  if (!engine_) throw Failure("there is no memory or no thread left for an engine");
  const cli::Model model =
      choice.model.empty() ? cli::open_default_model() : cli::open_model(choice.model);
  const backdrop_model_options* options = model.known ? &model.known->options : nullptr;
  cli::naming(model.name, [&] {
    check(backdrop_load_model(engine_.get(), model.bytes.data(), model.bytes.size(), options));
  });
}

void Effect::apply(const Settings& settings, bool has_alpha) {
  if (matte_ != settings.matte) {
    matte_ = settings.matte;
    plugins::apply(engine_.get(), settings.matte,
                   [this](backdrop_status status) { check(status); });
  }
  if (background_ != settings.background || has_alpha_ != has_alpha) {
    background_ = settings.background;
    has_alpha_ = has_alpha;
    apply(settings.background, has_alpha);
  }
}

void Effect::apply(const Background& background, bool has_alpha) {
  backdrop_engine* engine = engine_.get();
  switch (background.kind) {
    case BackgroundKind::kNone:
      return;
    case BackgroundKind::kBlur:
      return check(backdrop_set_background_blur(engine, background.blur));
    case BackgroundKind::kColor:
      return check(backdrop_set_background_color(engine, background.color));
    case BackgroundKind::kImage:
      return show_image(background);
    case BackgroundKind::kTransparent:
      if (has_alpha) return check(backdrop_set_background_transparent(engine));
      check(backdrop_set_background_color(engine, background.color));
      throw Failure("a transparent background needs RGBA or BGRA: the color takes its place");
  }
}

void Effect::show_image(const Background& background) {
  backdrop_engine* engine = engine_.get();
  check(backdrop_set_background_color(engine, background.color));
  if (background.image.empty()) throw Failure("background=image needs the property image");
  if (image_path_ != background.image) {
    image_path_.clear();
    cli::Progress progress;
    image_ = cli::read_picture(background.image, progress);
    image_path_ = background.image;
  }
  const backdrop_image image = image_.view();
  check(backdrop_set_placement(engine, background.fit, background.x, background.y, 0,
                               background.color));
  check(backdrop_set_background_image(engine, &image));
}

void Effect::reset() { backdrop_reset(engine_.get()); }

void Effect::set_hurry(bool hurries) {
  constexpr float kNoTime = 0.001f;  // milliseconds: less than any frame takes
  if (hurries_ == hurries) return;
  hurries_ = hurries;
  backdrop_set_budget(engine_.get(), hurries ? kNoTime : BACKDROP_BUDGET_DEFAULT);
}

void Effect::process(const backdrop_image& input, const backdrop_image& output) {
  check(backdrop_process(engine_.get(), &input, &output));
}

backdrop_statistics Effect::statistics() const {
  backdrop_statistics statistics{};
  backdrop_get_statistics(engine_.get(), &statistics);
  return statistics;
}

void Effect::check(backdrop_status status) const {
  if (status != BACKDROP_OK) throw Failure(backdrop_last_error(engine_.get()));
}

}  // namespace backdrop::gstreamer
