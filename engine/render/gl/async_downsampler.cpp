#include "render/gl/async_downsampler.h"

#include <utility>

#include "base/assert.h"

namespace backdrop::gl {

AsyncDownsampler::~AsyncDownsampler() {
  delete_fence();
  gl_.DeleteBuffers(1, &buffer_);
}

void AsyncDownsampler::delete_fence() {
  if (fence_) gl_.DeleteSync(std::exchange(fence_, nullptr));
}

Result<void> AsyncDownsampler::begin(const Resizer& resizer, const TextureView& frame,
                                     const SampleSpec& spec) {
  drop();
  delete_fence();
  const auto [width, height, model] = spec;
  const bool resized = !small_ || small_.view().width != width || small_.view().height != height;
  if (resized) small_ = BACKDROP_TRY(Target::create(gl_, GL_RGBA8, width, height));
  if (buffer_ == 0) gl_.GenBuffers(1, &buffer_);
  resizer.run(frame, surface_of(small_));

  gl_.BindBuffer(GL_PIXEL_PACK_BUFFER, buffer_);
  if (resized) gl_.BufferData(GL_PIXEL_PACK_BUFFER, bytes(), nullptr, GL_STREAM_READ);
  gl_.ReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, nullptr);
  gl_.BindBuffer(GL_PIXEL_PACK_BUFFER, 0);
  BACKDROP_TRY(check_errors(gl_));
  spec_ = spec;
  has_sample_ = true;
  fence_ = gl_.FenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
  gl_.Flush();
  return {};
}

bool AsyncDownsampler::is_ready() const {
  if (!has_sample_) return false;
  GLint status = GL_UNSIGNALED;
  gl_.GetSynciv(fence_, GL_SYNC_STATUS, 1, nullptr, &status);
  return status == GL_SIGNALED;
}

Result<void> AsyncDownsampler::take(const SampleSpec& spec, std::span<std::uint8_t> rgba) {
  if (!has_sample_ || spec != spec_) {
    return fail(ErrorCode::kState, "the frame has not been sampled for this model");
  }
  drop();
  delete_fence();
  BACKDROP_ASSERT(rgba.size() == static_cast<std::size_t>(bytes()));
  gl_.BindBuffer(GL_PIXEL_PACK_BUFFER, buffer_);
  const bool copied = gl_.copy_buffer(gl_, GL_PIXEL_PACK_BUFFER, bytes(), rgba.data());
  gl_.BindBuffer(GL_PIXEL_PACK_BUFFER, 0);
  if (copied) return {};
  return fail(ErrorCode::kState, "OpenGL does not give the sampled frame");
}

}  // namespace backdrop::gl
