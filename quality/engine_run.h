// The engine as a program uses it, with one model and one row of the settings.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "backdrop/backdrop.h"
#include "gpu.h"
#include "image.h"
#include "model_store.h"
#include "settings.h"

namespace backdrop::quality {

// What the engine makes of a frame.
struct Output {
  Image alpha;             // 0 to 1
  cli::Picture composite;  // with the new background
  cli::Picture blurred;    // with the room, blurred by kBlurStrength
};

inline constexpr float kBlurStrength =
    BACKDROP_BLUR_STRENGTH_DEFAULT;  // percent of the shorter side

// Each kind of output has an engine of its own, so that each sees every frame once.
class EngineRun {
 public:
  // Throws Failure if the model can't be loaded, or where there is no GPU for a setting that needs
  // it.
  EngineRun(const cli::Model& model, const Setting& setting);

  // For Output::composite. Throws Failure.
  void set_new_background(cli::Picture background);

  // The next frame is from another source.
  void reset();

  // A frame that is not measured.
  void watch(const cli::Picture& frame);

  Output process(const cli::Picture& frame);

  // Output::alpha alone.
  Image matte(const cli::Picture& frame);

 private:
  class Engine {
   public:
    Engine(const cli::Model& model, const Setting& setting, cli::Gpu* gpu);
    backdrop_engine* get() const { return engine_.get(); }
    Setup setup() const { return Setup(engine_.get()); }
    cli::Picture process(cli::Picture frame);
    std::vector<std::uint8_t> matte(const cli::Picture& frame);

   private:
    struct Destroy {
      bool has_gl;
      void operator()(backdrop_engine* engine) const;
    };
    cli::Gpu* gpu_;
    bool takes_i420_;
    std::unique_ptr<backdrop_engine, Destroy> engine_;
  };

  std::unique_ptr<cli::Gpu> gpu_;  // goes after the engines
  Engine composite_;
  Engine blur_;
  // On the GPU alpha can't be asked for, but the transparent background has it.
  std::optional<Engine> cut_out_;
};

}  // namespace backdrop::quality
