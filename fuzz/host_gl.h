// The OpenGL ES context of a host, which it may lose, and the state that it leaves between calls.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "egl_context.h"
#include "platform/gl_functions.h"
#include "render/gl/resources.h"

namespace backdrop::fuzz {

class HostGl {
 public:
  // A part of OpenGL's state, below setting_count(), and what becomes of it: 0 is what a new
  // context has, or what draws the same.
  struct Setting {
    std::size_t which;
    unsigned value;
  };

  // The only one, whose context is current; null where there is no OpenGL ES 3.0.
  static HostGl* get();

  HostGl(const HostGl&) = delete;
  HostGl& operator=(const HostGl&) = delete;

  const gl::Functions& functions() const { return functions_; }
  void finish() const;

  std::size_t setting_count() const { return settings_.size(); }
  void set(const Setting& setting) const { settings_[setting.which](setting.value); }
  void clear_settings() const;

  // The context goes with all its objects, and none is current before create_context().
  void lose_context();
  // False: there is none.
  bool create_context();

 private:
  HostGl();
  void make_objects();
  void add_binding_settings();
  void add_pixel_settings();
  void add_drawing_settings();

  std::unique_ptr<egl::Context> context_;  // first: the destructors of the objects use it
  gl::Functions functions_;
  gl::Target target_;
  gl::Program program_;
  GLuint buffer_ = 0, sampler_ = 0, vertex_array_ = 0;
  std::vector<std::function<void(unsigned)>> settings_;
};

}  // namespace backdrop::fuzz
