// From a frame on the GPU to the network's input on the CPU, without waiting for the GPU.
#pragma once

#include <cstdint>

#include "render/gl/resizer.h"
#include "render/gl/resources.h"

namespace backdrop::gl {

class Sampling {
 public:
  explicit Sampling(const Functions& gl) : gl_(gl) {}
  ~Sampling();

  Sampling(const Sampling&) = delete;
  Sampling& operator=(const Sampling&) = delete;

  // Shrinks the frame to width x height, and has the result copied to a pixel-pack buffer, instead
  // of what was begun before. Allocates nothing unless the size has changed. kUnsupported where
  // textures are refused.
  Result<void> begin(const Resizer& resizer, const TextureView& frame, int width, int height);

  // Whether something was begun that can be taken without waiting.
  bool is_ready() const;

  // Copies the latest result, RGBA without gaps between rows, waiting for it where it is not ready.
  // Nothing is written unless something was begun.
  void take(std::uint8_t* rgba);

 private:
  GLsizeiptr bytes() const { return GLsizeiptr{4} * small_.view().width * small_.view().height; }
  void end();

  const Functions& gl_;
  Target small_;
  GLuint buffer_ = 0;
  GLsync fence_ = nullptr;  // behind the latest copy
};

}  // namespace backdrop::gl
