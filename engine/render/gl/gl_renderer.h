// Puts the person of a frame before a background, on the GPU.
#pragma once

#include <cstdint>
#include <memory>

#include "render/render_settings.h"
#include "platform/gl_functions.h"
#include "render/gl/resources.h"
#include "image/frame.h"
#include "segment/mask.h"

namespace backdrop::gl {

// All of it needs the context that it was created in to be current. It does not restore what it
// changes of OpenGL's state.
class Renderer {
 public:
  // kUnsupported without OpenGL ES 3.0.
  static Result<std::unique_ptr<Renderer>> create(Loader loader);
  ~Renderer();

  // What stands behind the person where `Look::background` is PicturedBackground. Copied: RGBA.
  Result<void> set_picture(const ConstFrame& rgba);
  // The caller's texture, which stays the caller's, and may be given again with other pixels (a
  // video's). RGBA; its filters are linear and its edges clamped. It is looked at in this call and
  // in those of render.
  Result<void> set_picture(const TextureView& picture);

  // Draws the frame, a texture of RGBA with linear filters and clamped edges, as the look has it.
  // Nothing is allocated unless the sizes or the look have changed. `mask` is not looked at with
  // NoBackground. What was drawn lies in `surface` from the first row to the last; in framebuffer
  // 0, which is a window's or a canvas's, from the last to the first, as those show it. kArgument
  // when there is no memory.
  Result<void> render(const TextureView& frame, const Mask& mask, const Look& look,
                      const Surface& surface);

  // The network's input, shrunk on the GPU, arrives without waiting for the GPU: begin, ask
  // `is_sampled` now and then, take. `width` and `height` are the network's. The pixels are RGBA,
  // without gaps between rows.
  Result<void> begin_sample(const TextureView& frame, int width, int height);
  bool is_sampled() const;
  void take_sample(std::uint8_t* rgba);

  // The context has gone: nothing of it is deleted any more when the renderer is.
  void abandon();

 private:
  struct Passes;

  explicit Renderer(std::unique_ptr<Passes> passes);

  std::unique_ptr<Passes> passes_;
};

}  // namespace backdrop::gl
