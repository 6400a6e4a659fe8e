// A GPU to measure on, and its clock.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "egl_context.h"
#include "platform/gl_functions.h"

namespace backdrop {

class GlDevice {
 public:
  // The one device of the process; its context is current from then on in the thread that asks
  // first. An error where there is none.
  static Result<GlDevice*> get();

  const gl::Functions& functions() const { return functions_; }

  // Seconds that the GPU takes for what `work` draws: by its timer (EXT_disjoint_timer_query) where
  // it has one, else until glFinish returns. Mesa's software renderers draw when they are told to
  // finish and time nothing before.
  double seconds(const std::function<void()>& work) const;
  // Of the renderer and of how it is timed.
  std::string description() const;

 private:
  Result<void> open();
  double query(const std::function<void()>& work) const;

  std::unique_ptr<egl::Context> context_;
  gl::Functions functions_;
  std::string renderer_;
  bool has_timer_ = false;
};

}  // namespace backdrop
