// An OpenGL ES device and its timer.
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
  // The process's only device; an error without one. The first call makes the context current on
  // its thread, for the rest of the process.
  static Result<GlDevice*> get();

  const gl::Functions& functions() const { return functions_; }

  // Seconds that the GPU takes to draw `work`: measured by EXT_disjoint_timer_query if the device
  // has it, else until glFinish returns. Mesa's software renderers only draw at glFinish, and their
  // timer queries miss that.
  double seconds(const std::function<void()>& work) const;
  // One line: the renderer, and the timing method.
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
