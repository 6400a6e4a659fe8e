// The engine with the settings of the filter's properties.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "backdrop/backdrop.h"
#include "settings.h"
#include "worker.h"

namespace backdrop::obs {

class EngineEffect : public Effect {
 public:
  EngineEffect();

  void apply(const Settings& settings) override;
  void reset() override;
  void process(Frame& frame) override;

 private:
  void check(backdrop_status status);
  void load_model(const std::string& choice);
  void apply(const MatteSettings& matte);
  void apply(const Background& background);
  void show_image(const Background& background);

  std::unique_ptr<backdrop_engine, void (*)(backdrop_engine*)> engine_;
  std::optional<std::string> model_;  // that was loaded
  std::optional<MatteSettings> matte_;
  std::optional<Background> background_;
  Frame bgra_;
};

}  // namespace backdrop::obs
