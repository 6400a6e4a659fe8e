#include "engine_effect.h"

#include <new>
#include <utility>

#include <graphics/graphics.h>
#include <util/bmem.h>

#include "failure.h"
#include "model_store.h"

namespace backdrop::obs {
namespace {

// A picture's file as OBS reads it.
class ImageFile {
 public:
  // Throws Failure.
  explicit ImageFile(const std::string& path)
      : pixels_(gs_create_texture_file_data2(path.c_str(), GS_IMAGE_ALPHA_STRAIGHT, &format_,
                                             &width_, &height_),
                bfree) {
    const bool has_alpha = format_ == GS_RGBA || format_ == GS_BGRA;
    if (!pixels_ || !(has_alpha || format_ == GS_BGRX)) {
      throw cli::Failure(cli::shown(path) + ": is not a picture that OBS can read");
    }
    for (std::size_t i = 0; i < size(); i += 4) {  // the engine takes RGBA
      if (format_ != GS_RGBA) std::swap(pixels_.get()[i], pixels_.get()[i + 2]);
      if (!has_alpha) pixels_.get()[i + 3] = 255;
    }
  }

  backdrop_image view() const {
    backdrop_image image{};
    image.format = BACKDROP_RGBA;
    image.width = static_cast<std::int32_t>(width_);
    image.height = static_cast<std::int32_t>(height_);
    image.planes[0] = pixels_.get();
    image.strides[0] = 4 * image.width;
    return image;
  }

 private:
  std::size_t size() const { return std::size_t{4} * width_ * height_; }

  gs_color_format format_ = GS_UNKNOWN;
  std::uint32_t width_ = 0;
  std::uint32_t height_ = 0;
  std::unique_ptr<std::uint8_t, void (*)(void*)> pixels_;
};

}  // namespace

EngineEffect::EngineEffect() : engine_(nullptr, backdrop_destroy) {}

void EngineEffect::apply(const Settings& settings) {
  // An empty choice is looked up again: another model may have been installed.
  if (!model_ || model_ != settings.model) load_model(settings.model);
  if (matte_ != settings.matte) apply(settings.matte);
  if (background_ != settings.background) apply(settings.background);
}

void EngineEffect::reset() {
  if (engine_) check(backdrop_reset(engine_.get()));
}

void EngineEffect::process(Frame& frame) {
  if (!engine_) throw std::bad_alloc();
  const bool needs_alpha = background_->kind == BackgroundKind::kTransparent;
  const bool is_packed_rgb =
      frame.is_native() && frame.plane_count() == 1 && frame.format() != VIDEO_FORMAT_YUY2;
  if (!frame.is_native() || (needs_alpha && !is_packed_rgb)) {
    frame.convert_to_bgra(bgra_);
    std::swap(frame, bgra_);
  }
  if (needs_alpha) frame.make_opaque();
  const backdrop_image image = frame.view();
  check(backdrop_process(engine_.get(), &image, &image));
}

void EngineEffect::check(backdrop_status status) {
  if (status == BACKDROP_OK) return;
  const std::string reason = backdrop_last_error(engine_.get());
  if (status == BACKDROP_ERROR_MEMORY) {  // the engine may be of no use any more
    engine_.reset();
    model_.reset();
    matte_.reset();
    background_.reset();
  }
  throw cli::Failure(reason);
}

void EngineEffect::load_model(const std::string& choice) {
  model_.reset();
  const cli::Model model = choice.empty() ? cli::open_default_model() : cli::open_model(choice);
  if (!engine_) {
    // One thread takes the least of the processor's time, and a frame has until the next one.
    engine_.reset(backdrop_create(1));
    if (!engine_) throw std::bad_alloc();
  }
  const backdrop_model_options* options = model.known ? &model.known->options : nullptr;
  cli::naming(model.name, [&] {
    check(backdrop_load_model(engine_.get(), model.bytes.data(), model.bytes.size(), options));
  });
  model_ = choice;
}

void EngineEffect::apply(const MatteSettings& matte) {
  matte_.reset();
  plugins::apply(engine_.get(), matte, [this](backdrop_status status) { check(status); });
  matte_ = matte;
}

void EngineEffect::apply(const Background& background) {
  background_.reset();
  switch (background.kind) {
    case BackgroundKind::kBlur:
      check(backdrop_set_background_blur(engine_.get(), background.strength));
      break;
    case BackgroundKind::kColor:
      check(backdrop_set_background_color(engine_.get(), background.color));
      break;
    case BackgroundKind::kImage:
      show_image(background);
      break;
    case BackgroundKind::kTransparent:
      check(backdrop_set_background_transparent(engine_.get()));
      break;
  }
  background_ = background;
}

void EngineEffect::show_image(const Background& background) {
  if (background.image.empty()) throw cli::Failure("no picture is chosen");
  const ImageFile file(background.image);
  const backdrop_image image = file.view();
  check(backdrop_set_placement(engine_.get(), background.fit, background.x, background.y, 0,
                               background.color));
  check(backdrop_set_background_image(engine_.get(), &image));
}

}  // namespace backdrop::obs
