// The engine's public interface with its statuses as Failures.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backdrop/backdrop.h"
#include "commands.h"
#include "gpu.h"
#include "model_store.h"
#include "picture.h"
#include "progress.h"

namespace backdrop::cli {

class Engine {
 public:
  // Loads the model. Throws Failure with the model's name.
  Engine(const Model& model, const ModelOverrides& overrides, int threads);
  Engine(Engine&&) = default;
  ~Engine();

  const backdrop_model_info& model_info() const { return info_; }

  // How the model is fed and read, in one line.
  std::string model_description() const { return backdrop_describe_model(engine_.get()); }

  // `input` is of the model's input size.
  std::vector<float> infer(const std::vector<float>& input);

  void set_background_blur(float strength);
  void set_background_color(std::uint32_t rgb);
  // `placement` tells where the picture lies; `rgb` is what shows beside it.
  void set_background_image(const backdrop_image& image, const BackgroundImage& placement,
                            std::uint32_t rgb);
  void set_background_transparent();
  // The room is shown.
  void set_background_none();
  void set_refinement(backdrop_refinement refinement);
  // The network does not look at the people again after it has seen the whole picture.
  void see_whole_pictures();
  void keep_only_front(bool on);
  void keep_speckles();

  // The next picture has nothing to do with those before.
  void forget();

  // From now on pictures are processed on the GPU, where light of the background falls on the
  // person's edge: strength 0 to 1. Throws Failure where there is no GPU to be used.
  void use_gpu(float light_wrapping);

  // Puts the background behind the person in `picture`.
  void process(Picture& picture);

  // The same from one image to another of the same kind; not on the GPU.
  void process(const backdrop_image& input, const backdrop_image& output);

  // The matte of what was processed last, of this size, a byte a pixel, `stride` bytes a row.
  void matte(int width, int height, std::uint8_t* alpha, int stride);

  backdrop_statistics statistics() const;

 private:
  void check(backdrop_status status) const;
  void load(const Model& model, const backdrop_model_options& options);
  std::vector<std::string> class_names(const Model& model) const;

  std::unique_ptr<backdrop_engine, void (*)(backdrop_engine*)> engine_;
  std::unique_ptr<Gpu> gpu_;  // goes before the engine
  backdrop_model_info info_{};
};

// An engine with the chosen model. A model that is not in the catalogue is described in one line.
Engine make_engine(const ModelArguments& arguments, int threads, Progress& progress);

}  // namespace backdrop::cli
