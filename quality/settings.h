// The settings that are compared: a table, the one place where a row is added.
#pragma once

#include <span>
#include <string_view>

#include "backdrop/backdrop.h"

namespace backdrop::quality {

// Sets an engine up by the C API. Throws Failure with the engine's reason.
class Setup {
 public:
  explicit Setup(backdrop_engine* engine) : engine_(engine) {}

  // As in call(backdrop_set_coverage, 0.5F, 0.75F).
  template <typename... Parameter, typename... Argument>
  void call(backdrop_status (*setter)(backdrop_engine*, Parameter...) noexcept,
            Argument... arguments) {
    check(setter(engine_, arguments...));
  }

 private:
  void check(backdrop_status status) const;

  backdrop_engine* engine_;
};

struct Setting {
  std::string_view name;
  std::string_view description;  // one line
  void (*apply)(Setup& setup);
  bool is_on_gpu = false;
  // Whether a frame's output depends on the frames before. Where it doesn't, frames that are not
  // measured are left out.
  bool remembers = true;
  backdrop_precision precision = BACKDROP_PRECISION_AUTO;
  bool takes_i420 = false;  // else RGBA
};

// The first row is what the others are compared with.
std::span<const Setting> settings();

}  // namespace backdrop::quality
