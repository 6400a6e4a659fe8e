// The engine with the settings of the element's properties. For the streaming thread, and while the
// element starts and stops.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "backdrop/backdrop.h"
#include "picture.h"
#include "settings.h"

namespace backdrop::gstreamer {

class Effect {
 public:
  // Throws cli::Failure or cli::WrongCall, in one line, where the model can't be had.
  explicit Effect(const EngineChoice& choice);

  // For the next frames, which have alpha or not. What can't be had is replaced by the background's
  // color, once a change: throws cli::Failure then. A background of none is left to the element:
  // the engine never gets it, so that no frame leaves the engine as it came.
  void apply(const Settings& settings, bool has_alpha);

  // The next frame has nothing to do with those before.
  void reset();

  // Whether the network may rest on two frames of three, because frames come too late. Not on more:
  // a person who leaves an old mask shows the room.
  void set_hurry(bool hurries);

  // Throws cli::Failure, with `output` as it was.
  void process(const backdrop_image& input, const backdrop_image& output);

  backdrop_statistics statistics() const;

 private:
  void check(backdrop_status status) const;
  void apply(const Background& background, bool has_alpha);
  void show_image(const Background& background);

  std::unique_ptr<backdrop_engine, void (*)(backdrop_engine*)> engine_;
  std::optional<Background> background_;  // that was applied
  std::optional<MatteSettings> matte_;
  bool has_alpha_ = false;
  bool hurries_ = false;
  std::string image_path_;  // of image_
  cli::Picture image_;
};

}  // namespace backdrop::gstreamer
