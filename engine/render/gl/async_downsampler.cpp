#include "render/gl/async_downsampler.h"

#include <utility>

namespace backdrop::gl {

Sampling::~Sampling() {
  end();
  gl_.DeleteBuffers(1, &buffer_);
}

void Sampling::end() {
  if (fence_) gl_.DeleteSync(std::exchange(fence_, nullptr));
}

Result<void> Sampling::begin(const Resizer& resizer, const TextureView& frame, int width,
                             int height) {
  end();
  const bool resized = !small_ || small_.view().width != width || small_.view().height != height;
  if (resized) small_ = BACKDROP_TRY(Target::create(gl_, GL_RGBA8, width, height));
  if (buffer_ == 0) gl_.GenBuffers(1, &buffer_);
  resizer.run(frame, surface_of(small_));

  gl_.BindBuffer(GL_PIXEL_PACK_BUFFER, buffer_);
  if (resized) gl_.BufferData(GL_PIXEL_PACK_BUFFER, bytes(), nullptr, GL_STREAM_READ);
  gl_.ReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, nullptr);
  gl_.BindBuffer(GL_PIXEL_PACK_BUFFER, 0);
  fence_ = gl_.FenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
  gl_.Flush();
  return {};
}

bool Sampling::is_ready() const {
  if (!fence_) return false;
  GLint status = GL_UNSIGNALED;
  gl_.GetSynciv(fence_, GL_SYNC_STATUS, 1, nullptr, &status);
  return status == GL_SIGNALED;
}

void Sampling::take(std::uint8_t* rgba) {
  if (!fence_) return;
  end();
  gl_.BindBuffer(GL_PIXEL_PACK_BUFFER, buffer_);
  gl_.copy_buffer(gl_, GL_PIXEL_PACK_BUFFER, bytes(), rgba);
  gl_.BindBuffer(GL_PIXEL_PACK_BUFFER, 0);
}

}  // namespace backdrop::gl
