// Downsamples a frame on the GPU to the network's input on the CPU, without waiting for the GPU.
#pragma once

#include <cstdint>
#include <span>

#include "render/gl/resizer.h"
#include "render/gl/resources.h"

namespace backdrop::gl {

// Holds one sample: RGBA pixels of a shrunk frame.
class AsyncDownsampler {
 public:
  explicit AsyncDownsampler(const Functions& gl) : gl_(gl) {}
  ~AsyncDownsampler();

  AsyncDownsampler(const AsyncDownsampler&) = delete;
  AsyncDownsampler& operator=(const AsyncDownsampler&) = delete;

  // Shrinks the frame to the size that `spec` has, and has it copied to a pixel-pack buffer, in
  // place of what was begun before. Allocates nothing unless the size has changed. kUnsupported:
  // OpenGL refuses the texture. kState: OpenGL reports an error; there is no sample.
  Result<void> begin(const Resizer& resizer, const TextureView& frame, const SampleSpec& spec);

  // Whether a sample was begun that can be taken without waiting.
  bool is_ready() const;

  // Copies the sample to `rgba`, height x width x 4 bytes without gaps, and forgets it. Waits for
  // the GPU if it is not ready. kState: none was begun for this spec, or the GPU's memory can't be
  // read; `rgba` is then undefined.
  Result<void> take(const SampleSpec& spec, std::span<std::uint8_t> rgba);

  // There is no sample any more. Makes no call of OpenGL: no context has to be current.
  void drop() { has_sample_ = false; }

 private:
  void delete_fence();
  GLsizeiptr bytes() const { return GLsizeiptr{4} * small_.view().width * small_.view().height; }

  const Functions& gl_;
  Target small_;
  GLuint buffer_ = 0;
  GLsync fence_ = nullptr;  // behind the latest copy
  SampleSpec spec_;         // of the latest copy
  bool has_sample_ = false;
};

}  // namespace backdrop::gl
